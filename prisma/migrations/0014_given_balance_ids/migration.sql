-- A caller may give a balance an id of its own. The id of the row is then the UUIDv5 of that text within the customer, so that
-- the primary key keeps it unique and finds it. See docs/adr/0046-ids-of-balances.md.
ALTER TABLE balances
  ADD COLUMN given_id text COLLATE "C",
  ADD CONSTRAINT balances_given_id_check CHECK (given_id IS NULL
    OR (octet_length(given_id) BETWEEN 1 AND 255 AND given_id ~ '^[!-~]+$' AND substr(id::text, 15, 1) = '5')) NOT VALID;
COMMENT ON COLUMN balances.given_id IS
  'The id that the caller chose, of which the id of the row is made; null for none, and once it has been erased.';
