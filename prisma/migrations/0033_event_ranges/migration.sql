-- Events are kept in ranges of time, so that old ones can be let go by detaching a range instead of deleting rows. The table itself
-- becomes the first range, from the beginning to the end of time: nothing is copied and nothing is scanned, because the constraint of such
-- a range says no more than that the key is not null. A gateway closes it later and adds the ranges that follow. See
-- docs/adr/0066-ranges.md.
ALTER TABLE public.events RENAME TO events_first;
ALTER INDEX public.events_pkey RENAME TO events_first_pkey;
ALTER INDEX public.events_project_id_id_idx RENAME TO events_first_project_id_id_idx;
ALTER INDEX public.events_project_id_feature_id_id_idx RENAME TO events_first_project_id_feature_id_id_idx;
ALTER INDEX public.events_project_id_event_name_id_idx RENAME TO events_first_project_id_event_name_id_idx;
ALTER INDEX public.events_customer_key_entity_id_id_idx RENAME TO events_first_customer_key_entity_id_id_idx;
-- Each range gets it from the table.
DROP TRIGGER events_only_erased ON public.events_first;

CREATE TABLE public.events (LIKE public.events_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)
  PARTITION BY RANGE (id);
ALTER TABLE public.events ADD CONSTRAINT events_pkey PRIMARY KEY (customer_key, id);
CREATE INDEX events_project_id_id_idx ON public.events (project_id, id);
CREATE INDEX events_project_id_feature_id_id_idx ON public.events (project_id, feature_id, id) WHERE feature_id IS NOT NULL;
CREATE INDEX events_project_id_event_name_id_idx ON public.events (project_id, event_name, id) WHERE event_name IS NOT NULL;
CREATE INDEX events_customer_key_entity_id_id_idx ON public.events (customer_key, entity_id, id) WHERE entity_id IS NOT NULL;
COMMENT ON TABLE public.events IS
  'Recorded uses, immutable, in ranges of the id. It is a UUIDv7 that carries occurred_at, so it is also the listing order.';
COMMENT ON TABLE public.events_first IS 'A range of events.';

CREATE TRIGGER events_append_only BEFORE DELETE OR TRUNCATE ON public.events
  FOR EACH STATEMENT EXECUTE FUNCTION public.tollgate_refuse_change();
CREATE TRIGGER events_only_erased BEFORE UPDATE ON public.events FOR EACH ROW WHEN (
  ROW (OLD.customer_key, OLD.id, OLD.project_id, OLD.feature_id, OLD.event_name, OLD.value, OLD.occurred_at,
      OLD.recorded_at, OLD.outcome::text)
    IS DISTINCT FROM ROW (NEW.customer_key, NEW.id, NEW.project_id, NEW.feature_id, NEW.event_name, NEW.value,
      NEW.occurred_at, NEW.recorded_at, NEW.outcome::text)
  OR (NEW.properties IS NOT NULL AND NEW.properties IS DISTINCT FROM OLD.properties)
  OR (NEW.idempotency_key IS NOT NULL AND NEW.idempotency_key IS DISTINCT FROM OLD.idempotency_key)
  OR (NEW.entity_id IS DISTINCT FROM OLD.entity_id
    AND (OLD.entity_id IS NULL OR NEW.entity_id IS NULL OR NEW.entity_id NOT LIKE 'deleted:%')))
  EXECUTE FUNCTION public.tollgate_refuse_change();

ALTER TABLE public.events ATTACH PARTITION public.events_first FOR VALUES FROM (MINVALUE) TO (MAXVALUE);

-- Who owned the table and who could use it, owns and can use it still.
DO $$
DECLARE
  granted record;
BEGIN
  FOR granted IN SELECT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE oid = 'public.events_first'::regclass
  LOOP
    IF granted.owner <> current_user THEN
      EXECUTE format('ALTER TABLE public.events OWNER TO %I', granted.owner);
    END IF;
  END LOOP;
  FOR granted IN SELECT acl.privilege_type, acl.is_grantable,
      CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END AS grantee
    FROM pg_class, aclexplode(relacl) AS acl WHERE pg_class.oid = 'public.events_first'::regclass
  LOOP
    EXECUTE format('GRANT %s ON public.events TO %s%s', granted.privilege_type, granted.grantee,
      CASE WHEN granted.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
  END LOOP;
END $$;
