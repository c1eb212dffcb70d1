/** What can be wrong with a database. Those with which a gateway does not start come first. */
import { type Fault, system } from './fault.js';
import { RANGE_FAULTS } from './range-faults.js';
import { SERVER_FAULTS } from './server-faults.js';
import { TABLE_FAULTS } from './table-faults.js';

const whole: readonly Fault[] = [
  {
    code: 'read_only',
    what: 'the database is read-only',
    provoke: ['ALTER DATABASE $db SET default_transaction_read_only = on'],
    level: 'PROBLEM',
    found: /^The database \w+ does not accept writes from the role gateway: /,
    commands: ['ALTER DATABASE $db RESET default_transaction_read_only;'],
  },
  {
    code: 'read_only',
    what: 'the role is read-only in it',
    provoke: ['ALTER ROLE $role IN DATABASE $db SET default_transaction_read_only = on'],
    level: 'PROBLEM',
    found: /default_transaction_read_only is on/,
    commands: ['ALTER ROLE $role IN DATABASE $db RESET default_transaction_read_only;'],
  },
  {
    code: 'schema',
    what: 'the role may not use the schema',
    provoke: ['REVOKE ALL ON SCHEMA public FROM PUBLIC'],
    level: 'PROBLEM',
    found: /may not use the schema public/,
    commands: ['GRANT USAGE, CREATE ON SCHEMA public TO $role;'],
    undo: ['REVOKE ALL ON SCHEMA public FROM $role', 'GRANT USAGE ON SCHEMA public TO PUBLIC'],
  },
  {
    code: 'triggers_of_sessions',
    what: 'the role does not run triggers',
    provoke: ['ALTER ROLE $role SET session_replication_role = replica'],
    level: 'PROBLEM',
    found: /session_replication_role is replica/,
    commands: ['ALTER ROLE $role RESET session_replication_role;'],
  },
  {
    code: 'fsync',
    what: 'fsync is off',
    provoke: system('fsync', 'off'),
    level: 'PROBLEM',
    found: /fsync off/,
    commands: system('fsync', 'on'),
  },
  {
    code: 'full_page_writes',
    what: 'full_page_writes is off',
    provoke: system('full_page_writes', 'off'),
    level: 'PROBLEM',
    found: /full_page_writes off/,
    commands: system('full_page_writes', 'on'),
  },
  {
    code: 'migrations',
    what: 'a migration is missing',
    provoke: ["DELETE FROM _prisma_migrations WHERE migration_name = '0031_feature_reservations'"],
    level: 'WARNING',
    found: /^The database lacks 0031_feature_reservations\.$/,
    commands: ['npm run db:migrate'],
  },
  {
    code: 'migrations',
    what: 'a newer release has migrated it',
    provoke: [
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
        VALUES ('x', 'y', '9999_later', now())`,
    ],
    level: 'PROBLEM',
    found: /newer version of Tollgate, which has 9999_later/,
    commands: [],
    undo: ["DELETE FROM _prisma_migrations WHERE id = 'x'"],
  },
  {
    code: 'migrations',
    what: 'a move into it has not been completed',
    provoke: [
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, logs)
        VALUES ('x', '', 'move_not_completed', 'the database in /data')`,
    ],
    level: 'PROBLEM',
    found:
      /^A move into the database was begun and has not been completed, of the database in \/data\.$/,
    commands: [],
    undo: ["DELETE FROM _prisma_migrations WHERE id = 'x'"],
  },
  {
    code: 'places',
    what: 'there are to be several',
    provoke: [],
    changes: { gateway: { places: 8 } },
    level: 'WARNING',
    found: /^The database has one place, and PLACES is 8\.$/,
    commands: ['npm run db:migrate'],
  },
];

export const FAULTS: readonly Fault[] = [
  ...whole,
  ...TABLE_FAULTS,
  ...RANGE_FAULTS,
  ...SERVER_FAULTS,
];
