/** What is answered if the outcome of a commit is not seen. The test decides when the database breaks off. */
import { describe, expect, it } from 'vitest';
import type { PrismaClient } from '../../src/generated/prisma/client.js';
import { PLACE_0 } from '../../src/store/placed.js';
import { createWritePath } from '../../src/store/write-path.js';

/** What pg throws for a SQLSTATE. */
const failure = (code: string) => Object.assign(new Error(code), { severity: 'ERROR', code });

const writePathOn = (prisma: object) =>
  createWritePath({
    prisma: prisma as PrismaClient,
    place: PLACE_0,
    clockOffsetMs: () => 0,
    acquireTimeoutMs: 1_000,
    transactionTimeoutMs: 1_000,
  });

type Run = (transaction: object) => Promise<unknown>;

describe('a connection that is lost', () => {
  it('during the COMMIT of a locked batch leaves its outcome unknown, and the batch is not run again', async () => {
    let runs = 0;
    const { transaction } = writePathOn({
      async $transaction(run: Run) {
        await run({});
        throw failure('08006');
      },
    });
    const done = transaction('', async () => {
      runs += 1;
    });
    await expect(done).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(runs).toBe(1);
  });

  it('before the COMMIT of the last attempt has written nothing', async () => {
    const codes = ['40001', '08006'];
    let isDecided = false;
    const { transaction } = writePathOn({
      // The first attempt breaks off after the decision, the second one before it.
      async $transaction(run: Run) {
        if (!isDecided) await run({});
        isDecided = true;
        throw failure(codes.shift() ?? '');
      },
    });
    await expect(transaction('', () => Promise.resolve())).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
  });

  it.each([
    ['08006', 'OUTCOME_UNKNOWN'],
    ['40003', 'OUTCOME_UNKNOWN'],
    // Refusals, after which the items of a batch are tried one by one.
    ['23505', '23505'],
    ['22003', '22003'],
  ])('SQLSTATE %s of a commit in one statement is %s', async (state, code) => {
    const { commit } = writePathOn({ $queryRawUnsafe: () => Promise.reject(failure(state)) });
    await expect(commit([], 1)).rejects.toMatchObject({ code });
  });
});

it('an unreadable answer to a commit leaves its outcome unknown, because it may have taken effect', async () => {
  const unreadable = new TypeError('unreadable');
  const { commit } = writePathOn({ $queryRawUnsafe: () => Promise.reject(unreadable) });
  await expect(commit([], 1)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', cause: unreadable });
});
