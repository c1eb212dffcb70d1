/** What the sweeper does about customers that fail. The test controls what is due and what comes of it. */
import { expect, it } from 'vitest';
import { catalogOf } from '../../src/domain/feature.js';
import { UnavailableError } from '../../src/domain/unavailable.js';
import type { WriteQueue } from '../../src/meter/write/write-queue.js';
import type { DueCursor, Sweeps } from '../../src/store/sweeps.js';
import { sweepOn } from '../support/meter/sweep.js';

const customerOf = (customerKey: string) => ({ customerKey, projectId: 'p' });

/** Pages of balances, each again in every sweep, however many of them have failed. */
const dueIn = (...pages: readonly (readonly string[])[]): Sweeps => ({
  due: async (source, after) => {
    const page = after[0] === '-infinity' ? 0 : Number(after[0]);
    const customers = source === 'BALANCES' ? (pages[page] ?? []) : [];
    const next: DueCursor | null = page + 1 < pages.length ? [String(page + 1), ''] : null;
    return { customers: customers.map(customerOf), next, overdueMs: 1_000 };
  },
  turns: () => ({
    take: (work) => work({ restFor: () => Promise.resolve() }),
    close: () => Promise.resolve(),
  }),
});

/** Commands are answered by the customer and the number of the attempt: with an error, or with nothing to do. */
function queueOf(errorOf: (customer: string, attempt: number) => Error | null) {
  const attempts: string[] = [];
  const submit: WriteQueue['submit'] = (command) => {
    const { customerKey } = command.scope;
    attempts.push(customerKey);
    const attempt = attempts.filter((one) => one === customerKey).length;
    const error = errorOf(customerKey, attempt);
    if (error !== null) command.fail(error);
    else command.complete(() => command.replay(null, 0, NO_FACTS));
    return command.result;
  };
  return { attempts, writeQueue: { submit } };
}

const NO_FACTS = {
  account: null,
  catalog: catalogOf(0, []),
  now: 0,
  due: null,
  events: new Map(),
};

it('tries each customer of a step by itself after a timeout, and reports only the one that fails again', async () => {
  const { attempts, writeQueue } = queueOf((customer, attempt) =>
    attempt === 1 || customer === 'b' ? new UnavailableError('DATABASE_TIMEOUT') : null,
  );
  const { warnings } = await sweepOn(dueIn(['a', 'b', 'c']), { writeQueue, sweeps: 2 });
  expect(attempts).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a', 'c']);
  expect(warnings).toMatchObject([{ customerKey: 'b' }]);
});

it('goes on behind a customer that fails', async () => {
  const { attempts, writeQueue } = queueOf((customer) =>
    customer === 'a' ? new Error('refused') : null,
  );
  const { lines, warnings } = await sweepOn(dueIn(['a'], ['b'], ['c']), { writeQueue, sweeps: 2 });
  expect(attempts).toEqual(['a', 'b', 'c', 'b', 'c']);
  expect(warnings).toMatchObject([{ customerKey: 'a', reason: 'Error: refused' }]);
  expect(lines[0]).toMatchObject({ customers: 2, leftOut: 1 });
});

it.each(['CUSTOMER_LOCKED', 'WRITE_CONTENTION', 'OVERLOADED'] as const)(
  'leaves a customer to the next sweep after %s, without a word',
  async (code) => {
    const { attempts, writeQueue } = queueOf(() => new UnavailableError(code));
    const { warnings } = await sweepOn(dueIn(['a'], ['b']), { writeQueue, sweeps: 2 });
    expect(attempts).toEqual(['a', 'b', 'a', 'b']);
    expect(warnings).toEqual([]);
  },
);

it('ends when the database is away, and says so once', async () => {
  const { attempts, writeQueue } = queueOf((_, attempt) =>
    attempt < 3 ? new UnavailableError('DATABASE_UNAVAILABLE') : null,
  );
  const { warnings } = await sweepOn(dueIn(['a'], ['b']), { writeQueue, sweeps: 3 });
  expect(attempts.slice(0, 3)).toEqual(['a', 'a', 'a']);
  expect(warnings).toHaveLength(1);
});
