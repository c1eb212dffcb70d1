/** What can be wrong with one of several places. */
import type { FindingCode } from '../../../src/store/checks/codes.js';
import type { Level } from '../../../src/store/checks/finding.js';
import { placesOf } from '../../../src/store/placed.js';

/** Something that is wrong with one or two of several places; all of these are planted together. */
export interface PlaceFault {
  readonly code: FindingCode;
  readonly provoke: readonly string[];
  readonly level: Level;
  readonly found: readonly RegExp[];
  readonly commands: readonly string[];
}

const PROJECT = '00000000-0000-4000-8000-000000000001';

/** The key of a customer of a place. */
const keyIn = (count: number) => (place: number) =>
  `${((place * 256) / count).toString(16).padStart(2, '0')}000000-0000-5000-8000-000000000002`;

/** For a role that may do what a gateway does, and examines. */
export function placeFaults(role: string, count: number): readonly PlaceFault[] {
  const key = keyIn(count);
  const places = placesOf(count);
  return [
    {
      code: 'rights',
      provoke: [`REVOKE INSERT ON place_1.events FROM ${role}`],
      level: 'PROBLEM',
      found: [/: INSERT on place_1\.events\.$/],
      commands: [
        `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA place_1 TO ${role};`,
      ],
    },
    {
      code: 'row_security',
      provoke: ['ALTER TABLE place_2.entities ENABLE ROW LEVEL SECURITY'],
      level: 'PROBLEM',
      found: [/: place_2\.entities\.$/],
      commands: [`ALTER ROLE ${role} BYPASSRLS;`],
    },
    {
      code: 'unlogged',
      provoke: ['ALTER TABLE place_3.entities SET UNLOGGED'],
      level: 'PROBLEM',
      found: [/: place_3\.entities\.$/],
      commands: ['ALTER TABLE place_3.entities SET LOGGED;'],
    },
    {
      code: 'triggers',
      provoke: ['ALTER TABLE place_3.events_first DISABLE TRIGGER events_append_only'],
      level: 'WARNING',
      found: [/: events_append_only of place_3\.events_first\.$/],
      commands: ['ALTER TABLE place_3.events_first ENABLE TRIGGER ALL;'],
    },
    {
      code: 'place_tables',
      provoke: [],
      level: 'WARNING',
      found: [
        /^place_1\.balances: the table is ordinary, fillfactor=70, autovacuum_enabled=off, of the role /,
        /^place_1\.events: what is granted to \w+ is DELETE, SELECT, UPDATE; it should be DELETE, INSERT, /,
        /^place_1\.reservations: the index reservations_due_idx is missing; it should be CREATE INDEX /,
        /^place_2\.customers: the table /,
        /^place_2\.entities: the table .* row security, /,
        /^place_3\.balances: the index their_index is .*; it should not exist\.$/,
        /^place_3\.entities: the table is ordinary, not permanent, /,
        /^place_3\.events: the index events_project_id_id_idx is missing; /,
      ],
      commands: [],
    },
    {
      code: 'table_options',
      provoke: [
        'ALTER TABLE place_1.balances SET (autovacuum_enabled = off)',
        'ALTER TABLE place_2.customers RESET (fillfactor)',
      ],
      level: 'WARNING',
      found: [
        /^autovacuum_enabled of place_1\.balances is off/,
        /^The fillfactor of place_2\.customers is/,
      ],
      commands: [
        'ALTER TABLE place_1.balances RESET (autovacuum_enabled);',
        'ALTER TABLE place_2.customers SET (fillfactor = 80);',
      ],
    },
    {
      code: 'invalid_indexes',
      provoke: [
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'place_2.customers_living_idx'::regclass",
      ],
      level: 'WARNING',
      found: [/^The index customers_living_idx of place_2\.customers is not valid/],
      commands: ['REINDEX INDEX CONCURRENTLY place_2.customers_living_idx;'],
    },
    {
      code: 'missing_indexes',
      provoke: [
        'DROP INDEX place_1.reservations_due_idx',
        'DROP INDEX place_3.events_project_id_id_idx',
      ],
      level: 'WARNING',
      found: [/^2 of the indexes/],
      commands: [
        'CREATE INDEX CONCURRENTLY reservations_due_idx ON place_1.reservations (expires_at, customer_key) WHERE ended_how IS NULL;',
        'CREATE INDEX CONCURRENTLY ON place_3.events_first (project_id, id);',
        'CREATE INDEX events_project_id_id_idx ON place_3.events (project_id, id);',
      ],
    },
    {
      code: 'other_indexes',
      provoke: ['CREATE INDEX their_index ON place_3.balances (used)'],
      level: 'NOTE',
      found: [/^place_3\.balances has an index that no migration creates: their_index\.$/],
      commands: ['DROP INDEX CONCURRENTLY place_3.their_index;'],
    },
    {
      code: 'dead_rows',
      provoke: [
        `INSERT INTO place_3.entities (customer_key, id, project_id) SELECT '${key(3)}', n::text, '${PROJECT}' FROM generate_series(1, 60) n`,
        'DELETE FROM place_3.entities',
      ],
      level: 'WARNING',
      found: [/^place_3\.entities has about 60 dead rows/],
      commands: ['VACUUM (ANALYZE) place_3.entities;'],
    },
    {
      code: 'analyzed',
      provoke: [
        `INSERT INTO place_2.entities (customer_key, id, project_id) SELECT '${key(2)}', n::text, '${PROJECT}' FROM generate_series(1, 60) n`,
      ],
      level: 'NOTE',
      found: [/^There are no statistics of place_2\.entities, /],
      commands: ['ANALYZE place_2.entities;'],
    },
    {
      code: 'hot_updates',
      provoke: [
        `INSERT INTO public.projects (id, name) VALUES ('${PROJECT}', 'project')`,
        `INSERT INTO place_1.customers (customer_key, project_id, id, name) VALUES ('${key(1)}', '${PROJECT}', 'c', 'n')`,
        ...Array.from({ length: 6 }, (_, n) => `UPDATE place_1.customers SET name = 'n${n}'`),
      ],
      level: 'WARNING',
      found: [/^Of 6 updates of place_1\.customers, 0 % were HOT\.$/],
      commands: ["SELECT pg_stat_reset_single_table_counters('place_1.customers'::regclass);"],
    },
    {
      code: 'overdue',
      provoke: [
        `INSERT INTO place_3.reservations (customer_key, id, project_id, feature_id, value, held, used, charges, created_at, expires_at)
        VALUES ('${key(3)}', 'r', '${PROJECT}', 'f', 1, 1, 0, '[]', now(), now() - interval '1 day')`,
      ],
      level: 'WARNING',
      found: [/is so for 24 h\.$/],
      commands: [],
    },
    {
      code: 'idempotency_keys',
      provoke: [
        `INSERT INTO place_2.idempotency_keys VALUES ('${key(2)}', 'k', '${PROJECT}', '{}', '{}', now() - interval '40 days')`,
      ],
      level: 'WARNING',
      found: [/^There are idempotency keys that are 960 h old,/],
      commands: ['npm run db:prune -- --older-than 30'],
    },
    {
      code: 'event_properties',
      provoke: [
        `INSERT INTO place_1.events (customer_key, id, project_id, feature_id, value, properties, occurred_at, recorded_at, outcome)
        SELECT '${key(1)}', tollgate_event_id(t, '70008000000000000001'), '${PROJECT}', 'f', 1, '{"a": 1}', t, t, '{}'
        FROM (SELECT now() - interval '400 days' AS t) AS old`,
      ],
      level: 'WARNING',
      found: [/^There are properties of events that are 9600 h old,/],
      commands: ['npm run db:prune -- --properties-older-than 365'],
    },
    {
      code: 'ranges',
      provoke: [
        `DO $$ BEGIN EXECUTE format('ALTER TABLE place_2.events_first ADD CONSTRAINT range_closing CHECK (id < %L::uuid) NOT VALID',
        tollgate_event_id(now() + interval '13 days', '00000000000000000000')); END $$`,
      ],
      level: 'PROBLEM',
      found: [
        /^The last range, place_2\.events_first, was to be closed, and that was not finished\.$/,
      ],
      commands: ['npm run db:migrate'],
    },
    {
      code: 'range_owner',
      provoke: [
        ...places
          .filter((place) => place !== 'place_2')
          .map((place) => `GRANT CREATE ON SCHEMA ${place} TO ${role}`),
      ],
      level: 'WARNING',
      found: [
        / does not own events, events_first, ledger_entries, ledger_entries_first, place_1\.events, .*, and may not create tables in the schema place_2; EVENTS_DAYS is 35\.$/,
      ],
      commands: [
        `GRANT CREATE ON SCHEMA place_2 TO ${role};`,
        ...places.flatMap((place) =>
          ['events', 'events_first', 'ledger_entries', 'ledger_entries_first'].map(
            (name) => `ALTER TABLE ${place}.${name} OWNER TO ${role};`,
          ),
        ),
      ],
    },
    {
      code: 'let_go_tables',
      provoke: ['CREATE TABLE place_3.let_go_events_from_2026_01 AS SELECT 1 AS n'],
      level: 'NOTE',
      found: [/ take 1 MB: place_3\.let_go_events_from_2026_01 \(1 MB\)\.$/],
      commands: ['DROP TABLE place_3.let_go_events_from_2026_01;'],
    },
  ];
}
