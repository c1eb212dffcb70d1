/** What can be wrong with the tables. */
import type { Fault } from './fault.js';

const PROJECT = '00000000-0000-4000-8000-000000000001';
const KEY = '00000000-0000-5000-8000-000000000002';

export const TABLE_FAULTS: readonly Fault[] = [
  {
    code: 'rights',
    what: 'the role lacks a right',
    provoke: ['REVOKE INSERT ON events FROM $role'],
    level: 'PROBLEM',
    found: /lacks rights .*: INSERT on events\.$/,
    commands: ['GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO $role;'],
  },
  {
    code: 'row_security',
    what: 'row-level security hides rows',
    provoke: ['ALTER TABLE events ENABLE ROW LEVEL SECURITY'],
    level: 'PROBLEM',
    found: /hides rows of .*: events\.$/,
    commands: ['ALTER ROLE $role BYPASSRLS;'],
    undo: ['ALTER TABLE events DISABLE ROW LEVEL SECURITY', 'ALTER ROLE $role NOBYPASSRLS'],
  },
  {
    code: 'unlogged',
    what: 'a crash would empty tables',
    provoke: ['ALTER TABLE entities SET UNLOGGED', 'ALTER TABLE removed_features SET UNLOGGED'],
    level: 'PROBLEM',
    found: /unlogged, .*: entities, removed_features\.$/,
    commands: [
      'ALTER TABLE public.entities SET LOGGED;',
      'ALTER TABLE public.removed_features SET LOGGED;',
    ],
  },
  {
    code: 'triggers',
    what: 'a trigger is disabled',
    provoke: ['ALTER TABLE events DISABLE TRIGGER events_append_only'],
    level: 'WARNING',
    found: /: events_append_only of events\.$/,
    commands: ['ALTER TABLE public.events ENABLE TRIGGER ALL;'],
  },
  {
    code: 'fence',
    what: 'customers are closed to writes',
    provoke: [
      'CREATE FUNCTION tollgate_refuse_closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
      "COMMENT ON FUNCTION tollgate_refuse_closed() IS '2026-11-28T08:00:00.000Z'",
      'CREATE TRIGGER tollgate_closed BEFORE INSERT ON entities FOR EACH STATEMENT EXECUTE FUNCTION tollgate_refuse_closed()',
    ],
    level: 'PROBLEM',
    found: /^Customers are closed to writes since 2026-11-28T08:00:00\.000Z\.$/,
    commands: ['npm run places -- open'],
  },
  {
    code: 'table_options',
    what: 'autovacuum passes over a table',
    provoke: ['ALTER TABLE balances SET (autovacuum_enabled = off)'],
    level: 'WARNING',
    found: /^autovacuum_enabled of balances is off\.$/,
    commands: ['ALTER TABLE public.balances RESET (autovacuum_enabled);'],
  },
  {
    code: 'table_options',
    what: 'pages are filled',
    provoke: ['ALTER TABLE customers RESET (fillfactor)'],
    level: 'WARNING',
    found: /^The fillfactor of customers is 100\.$/,
    commands: ['ALTER TABLE public.customers SET (fillfactor = 80);'],
  },
  {
    code: 'public_schema',
    what: 'everyone may create functions',
    provoke: ['GRANT CREATE ON SCHEMA public TO PUBLIC'],
    level: 'WARNING',
    found: /^Every role of the server may create/,
    commands: ['REVOKE CREATE ON SCHEMA public FROM PUBLIC;'],
  },
  {
    code: 'invalid_indexes',
    what: 'an index was left by a build that did not finish',
    provoke: [
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'customers_living_idx'::regclass",
    ],
    level: 'WARNING',
    found: /^The index customers_living_idx of customers is not valid/,
    commands: ['REINDEX INDEX CONCURRENTLY public.customers_living_idx;'],
  },
  {
    code: 'missing_indexes',
    what: 'an index was dropped',
    provoke: ['DROP INDEX reservations_due_idx'],
    level: 'WARNING',
    found: /^1 of the indexes of the migrations is missing\.$/,
    commands: [
      'CREATE INDEX CONCURRENTLY reservations_due_idx ON public.reservations (expires_at, customer_key) WHERE ended_how IS NULL;',
    ],
  },
  {
    code: 'other_indexes',
    what: 'there is an index of another program on a table in ranges',
    provoke: ['CREATE INDEX their_index ON events (value)'],
    level: 'NOTE',
    found: /^events has an index that no migration creates: their_index\.$/,
    commands: ['DROP INDEX public.their_index;'],
  },
  {
    code: 'other_indexes',
    what: 'there is an index of another program on a range',
    provoke: ['CREATE INDEX their_index ON ledger_entries_first (amount)'],
    level: 'NOTE',
    found: /^ledger_entries_first has an index that no migration creates: their_index\.$/,
    commands: ['DROP INDEX CONCURRENTLY public.their_index;'],
  },
  {
    code: 'other_indexes',
    what: 'there is an index of another program',
    provoke: ['CREATE INDEX "Their index" ON balances (used)'],
    level: 'NOTE',
    found: /^balances has an index that no migration creates: Their index\.$/,
    commands: ['DROP INDEX CONCURRENTLY public."Their index";'],
  },
  {
    code: 'dead_rows',
    what: 'many rows are dead',
    provoke: [
      "INSERT INTO projects (id, name) SELECT gen_random_uuid(), 'p' || n FROM generate_series(1, 60) n",
      "DELETE FROM projects WHERE name LIKE 'p%'",
      'SELECT pg_stat_force_next_flush()',
      'SELECT 1',
    ],
    changes: { limits: { deadRows: 50 } },
    level: 'WARNING',
    found: /^projects has about 60 dead rows beside 0 live ones, and was vacuumed never\.$/,
    commands: ['VACUUM (ANALYZE) public.projects;'],
  },
  {
    code: 'analyzed',
    what: 'there are no statistics',
    provoke: [
      `INSERT INTO projects (id, name) VALUES ('${PROJECT}', 'project')`,
      `INSERT INTO api_keys (id, project_id, name, prefix, hash)
        SELECT gen_random_uuid(), '${PROJECT}', 'k', 'p', sha256(n::text::bytea) FROM generate_series(1, 60) n`,
      'VACUUM api_keys',
    ],
    changes: { limits: { analyzedPages: 1 } },
    level: 'NOTE',
    found: /^There are no statistics of api_keys, /,
    commands: ['ANALYZE public.api_keys;'],
  },
  {
    code: 'hot_updates',
    what: 'updates change indexes',
    provoke: [
      `INSERT INTO customers (customer_key, project_id, id, name) VALUES ('${KEY}', '${PROJECT}', 'c', 'n')`,
      ...Array.from({ length: 6 }, (_, n) => `UPDATE customers SET name = 'n${n}'`),
      'SELECT pg_stat_force_next_flush()',
      'SELECT 1',
    ],
    changes: { limits: { hotUpdates: 6 } },
    level: 'WARNING',
    found: /^Of 6 updates of customers, 0 % were HOT\.$/,
    commands: ["SELECT pg_stat_reset_single_table_counters('public.customers'::regclass);"],
  },
  {
    code: 'places',
    what: 'there are to be several, too late',
    provoke: [],
    changes: { gateway: { places: 8 } },
    level: 'PROBLEM',
    found: /^The database has customers, all in one place, and PLACES is 8\.$/,
    commands: [],
  },
  {
    code: 'overdue',
    what: 'something has been due for long',
    provoke: [
      `INSERT INTO reservations (customer_key, id, project_id, feature_id, value, held, used, charges, created_at, expires_at)
        VALUES ('${KEY}', 'r', '${PROJECT}', 'f', 1, 1, 0, '[]', now(), now() - interval '1 day')`,
    ],
    changes: { gateway: { sweep: true } },
    level: 'WARNING',
    found: /is so for 24 h\.$/,
    commands: [],
    undo: ['DELETE FROM reservations'],
  },
  {
    code: 'idempotency_keys',
    what: 'keys are not pruned',
    provoke: [
      `INSERT INTO idempotency_keys VALUES ('${KEY}', 'k', '${PROJECT}', '{}', '{}', now() - interval '40 days')`,
    ],
    changes: { gateway: { idempotencyKeyDays: 30 } },
    level: 'WARNING',
    found: /^There are idempotency keys that are 960 h old, and IDEMPOTENCY_KEY_DAYS is 30\.$/,
    commands: ['npm run db:prune -- --older-than 30'],
  },
  {
    code: 'idempotency_keys',
    what: 'keys are kept indefinitely',
    provoke: [],
    changes: { limits: { keysBytes: 0 } },
    level: 'NOTE',
    found: /IDEMPOTENCY_KEY_DAYS is not set\.$/,
    commands: ['npm run db:prune -- --older-than 90'],
  },
  {
    code: 'event_properties',
    what: 'properties are not erased',
    provoke: [
      `INSERT INTO events (customer_key, id, project_id, feature_id, value, properties, occurred_at, recorded_at, outcome)
        SELECT '${KEY}', tollgate_event_id(t, '70008000000000000001'), '${PROJECT}', 'f', 1, '{"a": 1}', t, t, '{}'
        FROM (SELECT now() - interval '400 days' AS t) AS old`,
    ],
    changes: { gateway: { eventPropertiesDays: 365 } },
    level: 'WARNING',
    found:
      /^There are properties of events that are 9600 h old, and EVENT_PROPERTIES_DAYS is 365\.$/,
    commands: ['npm run db:prune -- --properties-older-than 365'],
  },
];
