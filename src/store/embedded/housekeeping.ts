import { FREE_BYTES_ENOUGH, FREE_BYTES_MIN, megabytes } from './disk.js';
import type { Engine } from './engine.js';

/** How much write-ahead log may accumulate: it takes disk space, and recovery after a crash has to replay it. */
const WAL_BYTES_MAX = 64 * 2 ** 20;

/** autovacuum's default rules, with PostgreSQL's names and numbers. */
const TABLES_TO_VACUUM = `
  SELECT relid::regclass::text AS name
  FROM pg_stat_all_tables JOIN pg_class ON pg_class.oid = relid
  WHERE relkind = 'r' AND relpersistence = 'p' AND (
    n_dead_tup > 50 + 0.2 * greatest(reltuples, 0)
    OR n_ins_since_vacuum > 1000 + 0.2 * greatest(reltuples, 0)
    OR n_mod_since_analyze > 50 + 0.1 * greatest(reltuples, 0)
    OR age(relfrozenxid) > 200000000)`;

/**
 * What PostgreSQL's background processes do on a server. The engine is a single backend, which has
 * none: without this, its log grows until the disk is full and its tables are never vacuumed.
 */
export async function keepHouse(options: {
  engine: Engine;
  /** A backup needs what has been written to the log since it began. */
  mayRecycle: () => boolean;
  warn: (message: string) => void;
}): Promise<void> {
  const { pg, files } = options.engine;
  if (files.walBytes < WAL_BYTES_MAX) return;
  files.walBytes = 0;
  if (!options.mayRecycle()) return;
  try {
    await pg.exec('CHECKPOINT');
    const { rows } = await pg.query<{ name: string }>(TABLES_TO_VACUUM);
    for (const { name } of rows) await pg.exec(`VACUUM (ANALYZE) ${name}`);
  } catch (error) {
    options.warn(`The embedded database's housekeeping failed, and will be tried again: ${error}`);
  }
}

export interface SpaceGuard {
  /** Call between transactions. */
  check(): Promise<void>;
  /** The session's settings have been reset. */
  reset(): void;
}

/**
 * Makes the database read-only (SQLSTATE 25006) while the disk is nearly full: once it is full,
 * PostgreSQL panics for lack of a log segment and cannot restart until there is room.
 */
export function guardSpace(options: {
  folder: string;
  freeBytes: () => number;
  setReadOnly: (readOnly: boolean) => Promise<unknown>;
  warn: (message: string) => void;
}): SpaceGuard {
  const { folder, warn } = options;
  let isFull = false;
  // Apart from the state of the disk: each session starts without the setting, and a refused write ends its session.
  let isReadOnly = false;
  return {
    check: async () => {
      const free = options.freeBytes();
      const wasFull = isFull;
      isFull = free < (wasFull ? FREE_BYTES_ENOUGH : FREE_BYTES_MIN);
      if (isFull !== isReadOnly) await options.setReadOnly(isFull);
      isReadOnly = isFull;
      if (isFull === wasFull) return;
      warn(
        isFull
          ? `Only ${megabytes(free)} are free on the disk of ${folder}: writes are refused until ` +
              `there are ${megabytes(FREE_BYTES_ENOUGH)}.`
          : `${megabytes(free)} are free on the disk of ${folder}: writes are accepted again.`,
      );
    },
    reset: () => {
      isReadOnly = false;
    },
  };
}
