import { FREE_BYTES_ENOUGH, FREE_BYTES_MIN, freeBytes, megabytes } from '../embedded/disk.js';
import { type Check, type CheckContext, LISTED_MAX } from './check.js';
import { type Finding, note, ok, problem, warning } from './finding.js';
import { serverWide } from './server-settings.js';

/** What the server keeps on its disk. */
export const storageChecks: readonly Check[] = [
  { codes: ['replication_slots'], embedded: false, tables: false, run: slots },
  { codes: ['disk'], embedded: true, tables: false, run: disk },
  { codes: ['wraparound'], embedded: true, tables: false, run: wraparound },
  { codes: ['collation'], embedded: false, tables: false, run: collation },
];

const SLOTS = `SELECT slot_name AS name, active, coalesce(wal_status, '') AS status,
    pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::float8 AS bytes
  FROM pg_replication_slots WHERE NOT temporary ORDER BY bytes DESC NULLS LAST LIMIT 100`;

interface Slot {
  readonly name: string;
  readonly active: boolean;
  /** What has become of the log that it needs. */
  readonly status: string;
  /** How much of the log it keeps. */
  readonly bytes: number | null;
}

async function slots({ client, limits }: CheckContext): Promise<Finding[]> {
  const { rows } = await client.query<Slot>({ text: SLOTS, values: [] });
  const large = rows.filter(
    ({ bytes, status }) => (bytes ?? 0) >= limits.slotBytes || status === 'lost',
  );
  if (large.length === 0) {
    return [ok('replication_slots', `${rows.length} replication slots keep little of the log.`)];
  }
  return large.slice(0, LISTED_MAX).map(({ name, active, status, bytes }) => {
    const kept =
      status === 'lost'
        ? 'has lost the log that it needs'
        : `keeps ${sizeOf(bytes ?? 0)} of the write-ahead log`;
    return warning('replication_slots', {
      found: `The replication slot ${name}, which ${active ? 'is in use' : 'nothing uses'}, ${kept}.`,
      meaning:
        'The log grows until the disk is full, with which the server stops, and old row versions may be kept as well.',
      advice: active
        ? 'Find out why its standby or subscriber is behind. To drop the slot once it is not in use, run:'
        : 'Unless its standby or subscriber comes back, run:',
      commands: [`SELECT pg_drop_replication_slot('${name}');`],
    });
  });
}

const SIZE = `SELECT pg_database_size(current_database())::float8 AS database,
  has_function_privilege('pg_ls_waldir()', 'EXECUTE') AS "seesLog"`;

/** Apart, because the right to call the function is checked even where it is not called. */
const LOG_SIZE = 'SELECT coalesce(sum(size), 0)::float8 AS bytes FROM pg_ls_waldir()';

async function disk({ client, folder, facts }: CheckContext): Promise<Finding[]> {
  const { rows } = await client.query<{ database: number; seesLog: boolean }>({
    text: SIZE,
    values: [],
  });
  const size = `The database has ${sizeOf(rows[0]?.database ?? 0)}`;
  if (folder !== null) return [freeOf(folder, size)];
  const unseen = 'How much of the disk is free cannot be seen by SQL: watch it on the machine.';
  if (rows[0]?.seesLog === true) {
    const log = await client.query<{ bytes: number }>({ text: LOG_SIZE, values: [] });
    const logSize = sizeOf(log.rows[0]?.bytes ?? 0);
    return [ok('disk', `${size}, and the write-ahead log of the server ${logSize}. ${unseen}`)];
  }
  return [
    note('disk', {
      found: `${size}. The role ${facts.role} may not see how large the write-ahead log is.`,
      meaning: unseen,
      advice: 'As a superuser, run:',
      commands: [`GRANT pg_monitor TO ${facts.role};`],
    }),
  ];
}

function freeOf(folder: string, size: string): Finding {
  const free = freeBytes(folder);
  const found = `${size}, and ${megabytes(free)} are free on the disk of ${folder}.`;
  if (free >= FREE_BYTES_ENOUGH * 4) return ok('disk', found);
  const told = {
    found,
    meaning: `Writes are refused while less than ${megabytes(FREE_BYTES_MIN)} are free.`,
    advice:
      'Free some, or move the folder `postgres` to a larger disk while the gateway is stopped.',
  };
  return free < FREE_BYTES_ENOUGH ? problem('disk', told) : warning('disk', told);
}

export function sizeOf(bytes: number): string {
  const megas = bytes / 2 ** 20;
  return megas < 10_240 ? `${Math.ceil(megas)} MB` : `${Math.round(megas / 1_024)} GB`;
}

const AGES = `SELECT age(datfrozenxid)::float8 AS age,
  (SELECT quote_ident(n.nspname) || '.' || quote_ident(relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'm', 't') ORDER BY age(relfrozenxid) DESC LIMIT 1) AS oldest
  FROM pg_database WHERE datname = current_database()`;

/** Of 2 billion, after which the server accepts no writes. */
async function wraparound({ client, limits }: CheckContext): Promise<Finding[]> {
  const { rows } = await client.query<{ age: number; oldest: string }>({ text: AGES, values: [] });
  const { age, oldest } = rows[0] ?? { age: 0, oldest: '' };
  const found = `The oldest transaction id is ${Math.round(age / 1_000_000)} million old, of 2,000 million.`;
  if (age < limits.transactionIds) return [ok('wraparound', found)];
  const told = {
    found,
    meaning:
      'Autovacuum should have frozen it long ago. Something keeps it from that: see long_transactions, prepared_transactions and replication_slots. At 2,000 million, the server accepts no writes.',
    advice: `Once that is out of the way, as a superuser, run this; the oldest table is ${oldest}:`,
    commands: ['VACUUM (FREEZE);'],
  };
  const isUrgent = age >= limits.transactionIdsMax;
  return [isUrgent ? problem('wraparound', told) : warning('wraparound', told)];
}

const COLLATION = `SELECT datcollversion AS recorded, pg_database_collation_actual_version(oid) AS actual
  FROM pg_database WHERE datname = current_database()`;

/** Ids and names that callers choose are compared byte by byte; names of projects are not. */
async function collation({ client, facts }: CheckContext): Promise<Finding[]> {
  const { rows } = await client.query<{ recorded: string | null; actual: string | null }>({
    text: COLLATION,
    values: [],
  });
  const { recorded = null, actual = null } = rows[0] ?? {};
  if (recorded === null || actual === null || recorded === actual) {
    return [ok('collation', `The version of the database's collation is ${actual ?? 'none'}.`)];
  }
  return [
    warning('collation', {
      found: `The database was created with version ${recorded} of its collation, and the system has ${actual}.`,
      meaning:
        'Indexes of text may be in another order than the system has now. Of those of Tollgate, only the names of projects are affected.',
      advice: 'As its owner, run:',
      commands: [
        'REINDEX INDEX CONCURRENTLY public.projects_name_key;',
        `ALTER DATABASE ${facts.database} REFRESH COLLATION VERSION;`,
      ],
    }),
  ];
}

const CHECKPOINTS = (isSplit: boolean) =>
  isSplit
    ? 'SELECT num_timed::float8 AS timed, num_requested::float8 AS requested FROM pg_stat_checkpointer'
    : 'SELECT checkpoints_timed::float8 AS timed, checkpoints_req::float8 AS requested FROM pg_stat_bgwriter';

/** The figures moved with PostgreSQL 17. */
const SPLIT_SINCE = 170_000;

export const checkpointCheck: Check = {
  codes: ['checkpoints'],
  embedded: false,
  tables: false,
  async run({ client, facts, limits }) {
    const isSplit = facts.number >= SPLIT_SINCE;
    const text = CHECKPOINTS(isSplit);
    const { rows } = await client.query<{ timed: number; requested: number }>({ text, values: [] });
    const { timed, requested } = rows[0] ?? { timed: 0, requested: 0 };
    const found = `Of ${timed + requested} checkpoints, ${requested} were not triggered by time.`;
    if (requested <= timed || timed + requested < limits.checkpoints) {
      return [ok('checkpoints', found)];
    }
    return [
      note('checkpoints', {
        found,
        meaning:
          'If they were triggered by volume, pages are written to the log in full again and again: several times as much as without.',
        advice: 'As a superuser, run this; the last one begins to count anew:',
        commands: [
          ...serverWide("ALTER SYSTEM SET max_wal_size = '8GB';").commands,
          `SELECT pg_stat_reset_shared('${isSplit ? 'checkpointer' : 'bgwriter'}');`,
        ],
      }),
    ];
  },
};
