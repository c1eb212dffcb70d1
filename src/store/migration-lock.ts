import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';

/** The lock key of `prisma migrate` itself, so that the two never run at the same time. */
export const LOCK_KEY = 72_707_369;

/** Between two attempts. */
const PAUSE_MS = 100;

// Without parameters, hence in the simple protocol, after which an idle transaction has no snapshot.
const TRY_LOCK = `SELECT pg_try_advisory_xact_lock(${LOCK_KEY}) AS locked`;

/**
 * Takes turns with other processes that migrate, until the end of the transaction. Waiting has no limit, because no gateway
 * waits behind this. It is done between statements and not in one: a statement that waits has a snapshot, for whose end
 * an index that the holder of the lock builds concurrently would wait in turn.
 */
export async function lockMigrations(client: pg.Client, tellOnce: () => void): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>(TRY_LOCK);
    if (rows[0]?.locked === true) return;
    tellOnce();
    await wait(PAUSE_MS);
  }
}
