import { migrationFindings } from '../migration-record.js';
import { accessChecks } from './access.js';
import type { Check, CheckContext } from './check.js';
import { connectionChecks } from './connection.js';
import { fenceCheck } from './fence.js';
import { type Finding, ok, warning } from './finding.js';
import { indexCheck } from './indexes.js';
import { placeChecks } from './places.js';
import { poolerCheck } from './pooler.js';
import { rangeChecks } from './ranges.js';
import { replicationCheck } from './replication.js';
import { serverFindings } from './server.js';
import { serverSettingChecks } from './server-checks.js';
import { serversCheck } from './servers.js';
import { sessionChecks } from './sessions.js';
import { checkpointCheck, storageChecks } from './storage.js';
import { emptyFindings, TABLE_CODES, tableFindings } from './tables.js';
import { upkeepChecks } from './upkeep.js';
import { vacuumChecks } from './vacuum.js';

/** A database without the record of migrations is new, or another program's. */
async function migrations(context: CheckContext): Promise<readonly Finding[]> {
  const { client, facts, isMigrated } = context;
  if (!isMigrated) return [...(await emptyFindings(client, facts)), notMigrated()];
  const found = await migrationFindings(client, context.migrations);
  return [...found, ok('other_tables', "The tables are Tollgate's.")];
}

function notMigrated(): Finding {
  return warning('migrations', {
    found: 'The database has no tables of Tollgate yet.',
    meaning: 'The first start creates them.',
    advice: 'To do so now, run:',
    commands: ['npm run db:migrate'],
  });
}

/** What the start of a gateway checks comes first. */
export const CHECKS: readonly Check[] = [
  {
    codes: [
      'server_version',
      'encoding',
      'standby',
      'read_only',
      'schema',
      'triggers_of_sessions',
      'fsync',
      'full_page_writes',
    ],
    embedded: true,
    tables: false,
    run: async ({ facts }) => serverFindings(facts),
  },
  { codes: ['migrations', 'other_tables'], embedded: true, tables: false, run: migrations },
  {
    codes: TABLE_CODES,
    embedded: true,
    tables: true,
    run: ({ client, facts, places }) => tableFindings(client, facts, places),
  },
  ...placeChecks,
  fenceCheck,
  serversCheck,
  ...vacuumChecks,
  indexCheck,
  ...accessChecks,
  ...connectionChecks,
  poolerCheck,
  ...sessionChecks,
  ...serverSettingChecks,
  replicationCheck,
  checkpointCheck,
  ...storageChecks,
  ...upkeepChecks,
  ...rangeChecks,
];
