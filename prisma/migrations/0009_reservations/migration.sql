-- Amounts that are set aside before the use, and settled after it. What is reserved of a balance stands in its column rollovers, in
-- a form that earlier releases refuse to read, so that none of their gateways gives it to others. See docs/adr/0041-reservations.md.
CREATE TABLE reservations (
  customer_key uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  project_id uuid NOT NULL,
  entity_id text COLLATE "C",
  feature_id text COLLATE "C",
  event_name text COLLATE "C",
  value numeric(38, 10) NOT NULL,
  held numeric(38, 10) NOT NULL,
  used numeric(38, 10) NOT NULL,
  charges json NOT NULL,
  properties jsonb,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  ended_how text COLLATE "C",
  CONSTRAINT reservations_pkey PRIMARY KEY (customer_key, id),
  CONSTRAINT reservations_id_check CHECK (octet_length(id) BETWEEN 1 AND 255),
  CONSTRAINT reservations_what_check CHECK (num_nonnulls(feature_id, event_name) = 1),
  CONSTRAINT reservations_amounts_check CHECK (
    value >= 0 AND value <> 'NaN' AND held >= 0 AND held <> 'NaN' AND used >= 0 AND used <> 'NaN'),
  CONSTRAINT reservations_properties_check CHECK (properties IS NULL OR jsonb_typeof(properties) = 'object'),
  CONSTRAINT reservations_ended_check CHECK (
    num_nulls(ended_at, ended_how) IN (0, 2)
    AND (ended_how IS NULL OR (held = 0 AND ended_how IN ('CAPTURED', 'RELEASED', 'EXPIRED'))))
) WITH (fillfactor = 70);
-- Those of a customer that have not ended are read together with its balances.
CREATE INDEX reservations_customer_key_ended_at_id_idx ON reservations (customer_key, ended_at, id);
COMMENT ON TABLE reservations IS
  'Amounts set aside from balances until they are captured or released, or expire. Those that have ended stay.';
COMMENT ON COLUMN reservations.charges IS 'What is still held, by charged feature, in the order in which it was taken.';

-- The sum of a balance's amounts is what it grants less what is used and reserved.
ALTER TABLE ledger_entries ADD COLUMN reserved_after numeric(38, 10) NOT NULL DEFAULT 0;
COMMENT ON COLUMN ledger_entries.reserved_after IS 'The amount that reservations hold after the change.';
COMMENT ON TABLE ledger_entries IS
  'Changes of balances, append-only. The sum of a balance''s amounts is what it grants, rolled-over amounts included, less what is used or reserved.';
