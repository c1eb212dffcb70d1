/** How long the result of a key lookup is valid, and that guessing keys cannot fill the memory. The test answers the queries. */

import { expect, it } from 'vitest';
import { createAuthenticator } from '../../src/meter/access/authenticate.js';
import { hashOf, type ValidKey } from '../../src/meter/access/keys.js';
import { EVERY_SCOPE, SCOPES } from '../../src/meter/access/scopes.js';

const TTL_MS = 5_000;

const secretOf = (number: number) => `tg_sk_${String(number).padStart(43, '0')}`;

const validKey = (number: number): ValidKey => ({
  id: `key ${number}`,
  projectId: `project ${number}`,
  scopes: SCOPES,
  expiresAt: null,
  hash: hashOf(secretOf(number)),
});

/** Keys with numbers below `valid` exist; `answer` answers the lookup in progress. */
function given(options: { valid?: number; entriesMax?: number } = {}) {
  const { entriesMax = 10 } = options;
  let now = 0;
  const asked: ((error?: Error) => void)[] = [];
  const authenticate = createAuthenticator({
    apiKeys: {
      valid: () =>
        new Promise((resolve, reject) => {
          const keys = Array.from({ length: options.valid ?? 0 }, (_, number) => validKey(number));
          asked.push((error) => (error === undefined ? resolve(keys) : reject(error)));
        }),
    },
    ttlMs: TTL_MS,
    entriesMax,
    monotonicMs: () => now,
  });
  return {
    authenticate,
    pass: (ms: number) => {
      now += ms;
    },
    lookups: () => asked.length,
    /** Answers the lookup in progress. */
    answer: async (error?: Error) => {
      asked.at(-1)?.(error);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const CALLER = {
  projectId: 'project 0',
  keyId: 'key 0',
  scopes: EVERY_SCOPE,
  expiresAt: null,
};

it('a result is valid from the start of its query, which may take long', async () => {
  const { authenticate, pass, answer, lookups } = given({ valid: 1 });
  const caller = authenticate(secretOf(0));
  pass(TTL_MS - 1);
  await answer();
  expect(await caller).toEqual(CALLER);
  expect(authenticate(secretOf(0))).toEqual(CALLER);
  pass(1);
  expect(authenticate(secretOf(0))).toBeInstanceOf(Promise);
  expect(lookups()).toBe(2);
});

it('the result that a key is invalid is cached for as long', async () => {
  const { authenticate, pass, answer } = given();
  const caller = authenticate(secretOf(0));
  await answer();
  expect(await caller).toBeNull();
  pass(TTL_MS - 1);
  expect(authenticate(secretOf(0))).toBeNull();
  pass(1);
  expect(authenticate(secretOf(0))).toBeInstanceOf(Promise);
});

it('requests with a key that is being looked up share the result', async () => {
  const { authenticate, answer, lookups } = given({ valid: 1 });
  const callers = [1, 2, 3].map(() => authenticate(secretOf(0)));
  expect(new Set(callers).size).toBe(1);
  await answer();
  expect(await Promise.all(callers)).toEqual([CALLER, CALLER, CALLER]);
  expect(lookups()).toBe(1);
});

it('the number of waiting lookups is limited: one more is refused, but cached keys are not', async () => {
  const { authenticate, answer } = given({ valid: 1 });
  const known = authenticate(secretOf(0));
  await answer();
  await known;
  const waiting: unknown[] = [];
  // The first one is in progress, and 10,000 wait for it.
  for (let number = 1; number <= 10_001; number += 1) waiting.push(authenticate(secretOf(number)));
  expect(() => authenticate(secretOf(20_000))).toThrow(
    expect.objectContaining({ code: 'OVERLOADED' }),
  );
  expect(authenticate(secretOf(0))).toEqual(CALLER);
  // A key that is already being looked up does not count again.
  expect(authenticate(secretOf(5))).toBe(waiting[4]);
});

it('the most recent results are cached, up to a limit', async () => {
  const { authenticate, answer, lookups } = given({ valid: 3, entriesMax: 2 });
  for (const number of [0, 1, 2]) {
    const caller = authenticate(secretOf(number));
    await answer();
    await caller;
  }
  expect(authenticate(secretOf(2))).not.toBeInstanceOf(Promise);
  expect(authenticate(secretOf(1))).not.toBeInstanceOf(Promise);
  expect(lookups()).toBe(3);
  expect(authenticate(secretOf(0))).toBeInstanceOf(Promise);
});

it('a failed lookup is an error for the requests that wait for it, and is not cached', async () => {
  const { authenticate, answer } = given({ valid: 1 });
  const first = authenticate(secretOf(0));
  const failed = expect(first).rejects.toThrow('down');
  await answer(new Error('down'));
  await failed;
  const second = authenticate(secretOf(0));
  await answer();
  expect(await second).toEqual(CALLER);
});

it('a key in use is looked up again before its result expires, and no call waits', async () => {
  const { authenticate, pass, answer, lookups } = given({ valid: 1 });
  const first = authenticate(secretOf(0));
  await answer();
  await first;
  pass(TTL_MS * 0.8);
  expect(authenticate(secretOf(0))).toEqual(CALLER);
  expect(lookups()).toBe(1);
  pass(1);
  expect([authenticate(secretOf(0)), authenticate(secretOf(0))]).toEqual([CALLER, CALLER]);
  expect(lookups()).toBe(2);
  await answer(new Error('down'));
  expect(authenticate(secretOf(0))).toEqual(CALLER);
  expect(lookups()).toBe(3);
  await answer();
  pass(TTL_MS * 0.8);
  expect(authenticate(secretOf(0))).toEqual(CALLER);
  expect(lookups()).toBe(3);
});

it('a key that turns out to be invalid in such a lookup is invalid from then on', async () => {
  const keys = { valid: 1 };
  const { authenticate, pass, answer } = given(keys);
  const first = authenticate(secretOf(0));
  await answer();
  await first;
  keys.valid = 0;
  pass(TTL_MS - 1);
  expect(authenticate(secretOf(0))).toEqual(CALLER);
  await answer();
  expect(authenticate(secretOf(0))).toBeNull();
});
