-- The same for entries of the ledger, in ranges of the time at which they were recorded. Each range has a primary key of its own, which keeps
-- it from having an entry twice; the table has none, because that would have to contain the time as well.
ALTER TABLE public.ledger_entries RENAME TO ledger_entries_first;
ALTER INDEX public.ledger_entries_pkey RENAME TO ledger_entries_first_pkey;

CREATE TABLE public.ledger_entries (LIKE public.ledger_entries_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)
  PARTITION BY RANGE (recorded_at);
-- The ranges have them. On the first one they have never been validated, for which it would have to be scanned.
ALTER TABLE public.ledger_entries
  DROP CONSTRAINT ledger_entries_reason_check,
  DROP CONSTRAINT ledger_entries_actor_check;
COMMENT ON TABLE public.ledger_entries IS
  'Changes of balances, append-only, in ranges of recorded_at. The sum of a balance''s amounts is what it grants, rolled-over amounts '
  'included, less what is used and what is reserved.';
COMMENT ON TABLE public.ledger_entries_first IS 'A range of ledger entries.';

CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON public.ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION public.tollgate_refuse_change();

ALTER TABLE public.ledger_entries ATTACH PARTITION public.ledger_entries_first FOR VALUES FROM (MINVALUE) TO (MAXVALUE);

DO $$
DECLARE
  granted record;
BEGIN
  FOR granted IN SELECT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE oid = 'public.ledger_entries_first'::regclass
  LOOP
    IF granted.owner <> current_user THEN
      EXECUTE format('ALTER TABLE public.ledger_entries OWNER TO %I', granted.owner);
    END IF;
  END LOOP;
  FOR granted IN SELECT acl.privilege_type, acl.is_grantable,
      CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END AS grantee
    FROM pg_class, aclexplode(relacl) AS acl WHERE pg_class.oid = 'public.ledger_entries_first'::regclass
  LOOP
    EXECUTE format('GRANT %s ON public.ledger_entries TO %s%s', granted.privilege_type, granted.grantee,
      CASE WHEN granted.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
  END LOOP;
END $$;
