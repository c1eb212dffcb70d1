-- A deleted customer keeps its row, under an id that says nothing, because its ledger stays. Its version is one that no
-- commit gives, and the constraint keeps every gateway, those of earlier releases too, from writing for it again.
ALTER TABLE customers
  ADD COLUMN deleted_at timestamptz(3),
  ADD COLUMN erasure jsonb,
  ADD CONSTRAINT customers_deleted_check CHECK (deleted_at IS NULL OR version = -1) NOT VALID;
COMMENT ON COLUMN customers.erasure IS
  'How far the erasure of a deleted customer has come: {salt, stage, after}. Null once it is complete.';
