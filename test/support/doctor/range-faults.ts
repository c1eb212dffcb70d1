/** What can be wrong with ranges of months. */
import type { Fault } from './fault.js';

/** Each table has one range again, as after the migrations. */
const ONE_RANGE = ['events', 'ledger_entries'].map(
  (table) => `DO $$ DECLARE part regclass; BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits JOIN pg_class ON oid = inhrelid
      WHERE inhparent = '${table}'::regclass AND relname <> '${table}_first'
    LOOP EXECUTE format('DROP TABLE %s', part); END LOOP;
    ALTER TABLE ${table} DETACH PARTITION ${table}_first;
    ALTER TABLE ${table} ATTACH PARTITION ${table}_first FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
  END $$`,
);

const MIGRATED = (ago: string) =>
  `UPDATE _prisma_migrations SET finished_at = now() - interval '${ago}' WHERE migration_name LIKE '%_ranges'`;

const TABLES = ['events', 'events_first', 'ledger_entries', 'ledger_entries_first'];

export const RANGE_FAULTS: readonly Fault[] = [
  {
    code: 'range_owner',
    what: 'the tables are those of another role',
    provoke: ONE_RANGE,
    changes: { gateway: { eventsDays: 35, ledgerDays: 400 } },
    level: 'WARNING',
    found:
      /^The role gateway does not own events, events_first, ledger_entries, ledger_entries_first, but postgres, and may not create tables in the schema public; EVENTS_DAYS is 35 and LEDGER_DAYS is 400\.$/,
    commands: [
      'GRANT CREATE ON SCHEMA public TO $role;',
      ...TABLES.map((name) => `ALTER TABLE public.${name} OWNER TO $role;`),
    ],
    undo: [
      'REASSIGN OWNED BY $role TO CURRENT_USER',
      'REVOKE CREATE ON SCHEMA public FROM $role',
      'GRANT SELECT, INSERT, UPDATE, DELETE ON events, ledger_entries TO $role',
    ],
  },
  {
    code: 'ranges',
    what: 'closing a range was not finished',
    provoke: [
      ...ONE_RANGE,
      `DO $$ BEGIN EXECUTE format('ALTER TABLE events_first ADD CONSTRAINT range_closing CHECK (id < %L::uuid) NOT VALID',
        tollgate_event_id(now() + interval '13 days', '00000000000000000000')); END $$`,
    ],
    level: 'PROBLEM',
    found: /^The last range, events_first, was to be closed, and that was not finished\.$/,
    commands: ['npm run db:migrate'],
  },
  {
    code: 'ranges',
    what: 'a table was never divided',
    provoke: [...ONE_RANGE.slice(1), MIGRATED('3 days')],
    changes: { gateway: { ledgerDays: 35 } },
    level: 'WARNING',
    found: /^ledger_entries has one range without an end, and LEDGER_DAYS is 35\.$/,
    commands: ['npm run db:migrate'],
    undo: [MIGRATED('0 days')],
  },
  {
    code: 'let_go_tables',
    what: 'a month is kept',
    provoke: ['CREATE TABLE let_go_events_from_2026_01 AS SELECT 1 AS n'],
    changes: { gateway: { eventsDays: 35, dropDetached: false } },
    level: 'NOTE',
    found: /^Months that were let go take 1 MB: let_go_events_from_2026_01 \(1 MB\)\.$/,
    commands: ['DROP TABLE public.let_go_events_from_2026_01;'],
  },
  {
    code: 'let_go_tables',
    what: 'a month is left, and months of its table are not let go any more',
    provoke: ['CREATE TABLE let_go_ledger_entries_first AS SELECT 1 AS n'],
    changes: { gateway: { eventsDays: 35 } },
    level: 'NOTE',
    found: /^Months that were let go take 1 MB: let_go_ledger_entries_first \(1 MB\)\.$/,
    commands: ['DROP TABLE public.let_go_ledger_entries_first;'],
  },
];
