-- The whole of Tollgate's first schema.
--
-- customer_key leads every primary key and unique index of the customers' tables, so that it can be the distribution
-- column of a sharded PostgreSQL. It is derived from (project, customer id), which makes (project, id) unique too.
-- Text that callers choose is compared byte for byte (COLLATE "C"), whatever the database's locale.
-- PostgreSQL sorts NaN above every number, so each amount forbids it by name.

CREATE TYPE feature_type AS ENUM ('BOOLEAN', 'CONSUMABLE', 'CONTINUOUS', 'CREDIT_SYSTEM');
CREATE TYPE interval_unit AS ENUM ('MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'SEMI_ANNUAL', 'YEAR');
CREATE TYPE ledger_kind AS ENUM
  ('GRANT', 'TRACK', 'VOID', 'RESET', 'ROLLOVER', 'EXPIRE', 'ADJUST', 'RESERVE', 'CAPTURE', 'RELEASE');

CREATE TABLE projects (
  id uuid NOT NULL,
  name text NOT NULL,
  catalog_version bigint NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT projects_pkey PRIMARY KEY (id),
  CONSTRAINT projects_name_check CHECK (length(name) BETWEEN 1 AND 256)
);
CREATE UNIQUE INDEX projects_name_key ON projects (name);
COMMENT ON TABLE projects IS 'The unit of isolation: every row of every table belongs to one project.';
COMMENT ON COLUMN projects.catalog_version IS
  'Counts the changes of the project''s features; a decision made on an older catalogue is not committed.';

CREATE TABLE api_keys (
  id uuid NOT NULL,
  project_id uuid NOT NULL,
  name text NOT NULL,
  prefix text NOT NULL,
  hash bytea NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  CONSTRAINT api_keys_pkey PRIMARY KEY (id),
  CONSTRAINT api_keys_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects (id),
  CONSTRAINT api_keys_hash_check CHECK (octet_length(hash) = 32)
);
CREATE UNIQUE INDEX api_keys_hash_key ON api_keys (hash);
CREATE INDEX api_keys_project_id_idx ON api_keys (project_id);
COMMENT ON TABLE api_keys IS 'Secrets that open one project each. Only the SHA-256 of a secret is stored.';

CREATE TABLE features (
  project_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  type feature_type NOT NULL,
  event_names text[] COLLATE "C" DEFAULT ARRAY[]::text[],
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT features_pkey PRIMARY KEY (project_id, id),
  CONSTRAINT features_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects (id),
  CONSTRAINT features_id_check CHECK (id ~ '^[A-Za-z0-9_:.-]{1,128}$'),
  CONSTRAINT features_event_names_check CHECK (event_names IS NOT NULL AND array_position(event_names, NULL) IS NULL)
);
COMMENT ON TABLE features IS 'What customers can use. An event name may be listed by several features.';

CREATE TABLE credit_costs (
  project_id uuid NOT NULL,
  credit_system_id text COLLATE "C" NOT NULL,
  feature_id text COLLATE "C" NOT NULL,
  cost numeric(38, 10) NOT NULL,
  CONSTRAINT credit_costs_pkey PRIMARY KEY (project_id, credit_system_id, feature_id),
  CONSTRAINT credit_costs_project_id_credit_system_id_fkey
    FOREIGN KEY (project_id, credit_system_id) REFERENCES features (project_id, id),
  CONSTRAINT credit_costs_project_id_feature_id_fkey
    FOREIGN KEY (project_id, feature_id) REFERENCES features (project_id, id),
  CONSTRAINT credit_costs_cost_check CHECK (cost > 0 AND cost <> 'NaN' AND cost <= 1000000000),
  CONSTRAINT credit_costs_no_self_check CHECK (credit_system_id <> feature_id)
);
COMMENT ON TABLE credit_costs IS 'What one unit of a feature costs in a credit system.';

CREATE TABLE customers (
  customer_key uuid NOT NULL,
  project_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text,
  email text,
  metadata jsonb NOT NULL DEFAULT '{}',
  version bigint NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT customers_pkey PRIMARY KEY (customer_key),
  CONSTRAINT customers_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects (id),
  CONSTRAINT customers_id_check CHECK (id ~ '^[A-Za-z0-9_:.-]{1,128}$'),
  CONSTRAINT customers_metadata_check CHECK (jsonb_typeof(metadata) = 'object')
) WITH (fillfactor = 80);
CREATE INDEX customers_project_id_id_idx ON customers (project_id, id);
COMMENT ON COLUMN customers.customer_key IS 'UUIDv5 of the customer''s id in the namespace of its project.';
COMMENT ON COLUMN customers.version IS
  'Counts the commits that changed the customer''s balances, entities or events; the guard of the write path.';

CREATE TABLE entities (
  customer_key uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  project_id uuid NOT NULL,
  name text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  deleted_at timestamptz(3),
  CONSTRAINT entities_pkey PRIMARY KEY (customer_key, id),
  CONSTRAINT entities_id_check CHECK (id ~ '^[A-Za-z0-9_:.-]{1,128}$'),
  CONSTRAINT entities_metadata_check CHECK (jsonb_typeof(metadata) = 'object')
);
COMMENT ON TABLE entities IS 'Seats, workspaces, agents... of a customer. A deleted one keeps its row and its history.';

CREATE TABLE balances (
  customer_key uuid NOT NULL,
  id uuid NOT NULL,
  project_id uuid NOT NULL,
  feature_id text COLLATE "C" NOT NULL,
  entity_id text COLLATE "C",
  unlimited boolean NOT NULL DEFAULT false,
  granted numeric(38, 10) NOT NULL,
  used numeric(38, 10) NOT NULL DEFAULT 0,
  rollovers jsonb NOT NULL DEFAULT '[]',
  priority integer NOT NULL DEFAULT 0,
  reset_interval interval_unit,
  reset_interval_count integer,
  reset_anchor timestamptz(3),
  next_reset_at timestamptz(3),
  rollover_enabled boolean NOT NULL DEFAULT false,
  rollover_max numeric(38, 10),
  rollover_max_percent numeric(38, 10),
  rollover_interval interval_unit,
  rollover_interval_count integer,
  starts_at timestamptz(3),
  expires_at timestamptz(3),
  expired_at timestamptz(3),
  overage_allowed boolean NOT NULL,
  overage_limit numeric(38, 10),
  carry_overage boolean NOT NULL DEFAULT false,
  ledger_seq bigint NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT balances_pkey PRIMARY KEY (customer_key, id),
  CONSTRAINT balances_granted_check CHECK (granted >= 0 AND granted <> 'NaN'),
  CONSTRAINT balances_used_check CHECK (used <> 'NaN'),
  CONSTRAINT balances_unlimited_check CHECK (NOT unlimited OR (granted = 0 AND NOT rollover_enabled)),
  CONSTRAINT balances_rollovers_check CHECK (jsonb_typeof(rollovers) = 'array'),
  CONSTRAINT balances_reset_check CHECK (
    num_nulls(reset_interval, reset_interval_count, reset_anchor) IN (0, 3)
    AND (next_reset_at IS NULL OR (reset_interval IS NOT NULL AND isfinite(next_reset_at)))
    AND (reset_interval_count IS NULL OR reset_interval_count BETWEEN 1 AND 1000)),
  CONSTRAINT balances_rollover_check CHECK (
    (NOT rollover_enabled
      AND num_nonnulls(rollover_max, rollover_max_percent, rollover_interval, rollover_interval_count) = 0)
    OR (rollover_enabled AND reset_interval IS NOT NULL
      AND num_nonnulls(rollover_max, rollover_max_percent) <= 1
      AND num_nulls(rollover_interval, rollover_interval_count) IN (0, 2)
      AND (rollover_interval_count IS NULL OR rollover_interval_count BETWEEN 1 AND 1000)
      AND (rollover_max IS NULL OR (rollover_max >= 0 AND rollover_max <> 'NaN'))
      AND (rollover_max_percent IS NULL OR (rollover_max_percent BETWEEN 0 AND 1000000 AND rollover_max_percent <> 'NaN')))),
  CONSTRAINT balances_time_check CHECK (
    (starts_at IS NULL OR isfinite(starts_at))
    AND (expires_at IS NULL OR (isfinite(expires_at) AND (starts_at IS NULL OR expires_at > starts_at)))),
  CONSTRAINT balances_overage_check CHECK (
    overage_limit IS NULL OR (overage_allowed AND overage_limit >= 0 AND overage_limit <> 'NaN')),
  CONSTRAINT balances_carry_overage_check CHECK (NOT carry_overage OR reset_interval IS NOT NULL),
  CONSTRAINT balances_ledger_seq_check CHECK (ledger_seq >= 1)
) WITH (fillfactor = 70);
COMMENT ON TABLE balances IS 'Grants of one feature to a customer or to one of its entities, and what has been used of them.';
COMMENT ON COLUMN balances.rollovers IS 'Amounts carried over from earlier periods, oldest first: [{granted, used, expiresAt}].';
COMMENT ON COLUMN balances.expired_at IS 'Set when the expiry has been written to the ledger.';
COMMENT ON COLUMN balances.ledger_seq IS 'The number of the balance''s last ledger entry.';

CREATE TABLE events (
  customer_key uuid NOT NULL,
  id uuid NOT NULL,
  project_id uuid NOT NULL,
  entity_id text COLLATE "C",
  feature_id text COLLATE "C",
  event_name text COLLATE "C",
  value numeric(38, 10) NOT NULL,
  properties jsonb,
  occurred_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  idempotency_key text COLLATE "C",
  outcome json NOT NULL,
  CONSTRAINT events_pkey PRIMARY KEY (customer_key, id),
  CONSTRAINT events_what_check CHECK (num_nonnulls(feature_id, event_name) = 1),
  CONSTRAINT events_value_check CHECK (value <> 'NaN'),
  CONSTRAINT events_properties_check CHECK (properties IS NULL OR jsonb_typeof(properties) = 'object')
);
CREATE INDEX events_project_id_id_idx ON events (project_id, id);
COMMENT ON TABLE events IS 'Recorded uses, immutable. The id is a UUIDv7 that carries occurred_at, so it is also the listing order.';

CREATE TABLE ledger_entries (
  customer_key uuid NOT NULL,
  balance_id uuid NOT NULL,
  seq bigint NOT NULL,
  project_id uuid NOT NULL,
  kind ledger_kind NOT NULL,
  amount numeric(38, 10) NOT NULL,
  granted_after numeric(38, 10) NOT NULL,
  used_after numeric(38, 10) NOT NULL,
  event_id uuid,
  effective_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  CONSTRAINT ledger_entries_pkey PRIMARY KEY (customer_key, balance_id, seq),
  CONSTRAINT ledger_entries_amount_check CHECK (amount <> 'NaN' AND granted_after <> 'NaN' AND used_after <> 'NaN'),
  CONSTRAINT ledger_entries_seq_check CHECK (seq >= 1)
);
COMMENT ON TABLE ledger_entries IS
  'Changes of balances, append-only. The sum of a balance''s amounts is what it grants, rolled-over amounts included, less what is used.';
COMMENT ON COLUMN ledger_entries.effective_at IS 'When the change took effect: a reset''s boundary, an event''s recording.';

CREATE TABLE idempotency_keys (
  customer_key uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  project_id uuid NOT NULL,
  fingerprint json NOT NULL,
  outcome json NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (customer_key, key),
  CONSTRAINT idempotency_keys_key_check CHECK (octet_length(key) BETWEEN 1 AND 255)
);
COMMENT ON TABLE idempotency_keys IS 'The first answer given under each key. Rows may be pruned by age; nothing else edits them.';

-- What has been recorded stays as it was recorded: corrections add rows.
CREATE FUNCTION tollgate_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_refuse_change();
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_refuse_change();

-- An event's id: a UUIDv7 whose 48 bits of time are the event's own; the gateway supplies the other 80 (as 20 hex digits).
CREATE FUNCTION tollgate_event_id(occurred_at timestamptz, tail text) RETURNS uuid LANGUAGE sql STABLE RETURN
  (lpad(to_hex((extract(epoch FROM occurred_at) * 1000)::bigint), 12, '0') || tail)::uuid;
