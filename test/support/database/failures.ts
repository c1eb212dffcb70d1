/** How work on the database fails, and sessions for it to fail in. */
import { expect } from 'vitest';
import { type Failure, failureOf } from '../../../src/store/failure.js';
import { withClient } from './connections.js';

export async function failureOfWork(work: () => PromiseLike<unknown>): Promise<Failure | 'NONE'> {
  try {
    await work();
    return 'NONE';
  } catch (error) {
    return failureOf(error);
  }
}

/** Starts the work at once: Prisma's promises only start when they are awaited. */
export function started(work: PromiseLike<unknown>): Promise<Failure | 'NONE'> {
  return failureOfWork(() => work);
}

/** Resolves once a session sleeps in a statement, or in a commit. */
export async function sleeping(serverUrl: string): Promise<void> {
  await expect.poll(() => sleepers(serverUrl, 'pid')).toBe(1);
}

/** Terminates sleeping sessions, and resolves once they are gone. */
export async function endSleepers(serverUrl: string): Promise<void> {
  await expect.poll(() => sleepers(serverUrl, 'pg_terminate_backend(pid)')).toBe(0);
}

/** The number of sleeping sessions, on a separate connection, because the tests break those of the pool. */
function sleepers(
  serverUrl: string,
  what: 'pid' | 'pg_terminate_backend(pid)',
): Promise<number | undefined> {
  return withClient(serverUrl, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(${what})::int FROM pg_stat_activity WHERE wait_event = 'PgSleep'`,
    );
    return rows[0]?.count;
  });
}

/** Each call resolves once this many calls have been made. */
export function meetingOf(count: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === count) for (const go of waiting) go();
    });
}
