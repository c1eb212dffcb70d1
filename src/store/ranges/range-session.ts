import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { present } from '../../domain/assert.js';
import { connectOnce, type DatabaseAddress } from '../database.js';
import { failureOf } from '../failure.js';
import { endWithClient } from '../migration-session.js';

export type RangeClient = Pick<pg.ClientBase, 'query'>;

export interface RangeSessions {
  readonly address: DatabaseAddress;
  readonly connectTimeoutMs: number;
  /** The embedded database has one connection, which is borrowed for each step. Not needed for others. */
  readonly pool: pg.Pool | null;
  /** Ends what is in progress. */
  readonly ending: AbortSignal;
}

/** One transaction, of however long a statement, on a connection that calls do not need. */
export async function inTransaction<Result>(
  { address, connectTimeoutMs, pool, ending }: RangeSessions,
  work: (client: RangeClient) => Promise<Result>,
): Promise<Result> {
  if ('stream' in address) {
    const client = await present(pool, 'the embedded database has a pool').connect();
    try {
      return await transaction(client, work);
    } finally {
      client.release();
    }
  }
  ending.throwIfAborted();
  const client = await connectOnce(address, connectTimeoutMs);
  // Without a farewell, which would wait for the statement; the server rolls back.
  const abandon = () => client.connection.stream.destroy();
  ending.addEventListener('abort', abandon);
  try {
    return await transaction(client, async () => {
      await endWithClient(client);
      return work(client);
    });
  } finally {
    ending.removeEventListener('abort', abandon);
    if (!ending.aborted) await client.end().catch(() => undefined);
  }
}

async function transaction<Result>(
  client: RangeClient,
  work: (client: RangeClient) => Promise<Result>,
): Promise<Result> {
  await client.query('BEGIN');
  try {
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query("SET LOCAL client_min_messages = 'warning'");
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Beside the keys of migrations and sweepers. A session that has it keeps all ranges of its database as they are. */
export const RANGES_LOCK_KEY = 72_707_371;

/** Whether no other process is at work on the ranges, until the end of the transaction. */
export async function isAlone(client: RangeClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_xact_lock(${RANGES_LOCK_KEY}) AS locked`,
  );
  return rows[0]?.locked === true;
}

/** How long calls may have to wait behind it. */
const LOCK_WAIT_MS = 200;

/** Between attempts: what holds the lock may be a backup of an hour, and calls wait behind each attempt. */
const PAUSES_MS: readonly number[] = [250, 1_000, 5_000, 15_000, 60_000];

/**
 * Does what needs a lock that calls wait behind. It is tried a few times, for a moment each; after that, the last error is thrown. First
 * comes a lock behind which no call waits and to which autovacuum gives way, on tables that are named with their schema.
 */
export async function underLock(
  client: RangeClient,
  tables: readonly string[],
  work: () => Promise<void>,
  ending: AbortSignal,
): Promise<void> {
  for (const table of tables) {
    await client.query(`LOCK TABLE ONLY ${table} IN SHARE UPDATE EXCLUSIVE MODE`);
  }
  for (let attempt = 0; ; attempt += 1) {
    await client.query('SAVEPOINT unlocked');
    try {
      await client.query(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS}`);
      return await work();
    } catch (error) {
      const pauseMs = PAUSES_MS[attempt];
      if (pauseMs === undefined || !LOCKED.has(failureOf(error))) throw error;
      await client.query('ROLLBACK TO unlocked');
      await wait(pauseMs, undefined, { signal: ending, ref: false });
    }
  }
}

/** A lock was not granted, or would have been part of a deadlock. */
export const LOCKED: ReadonlySet<string | null> = new Set(['LOCK_TIMEOUT', 'SERIALIZATION']);
