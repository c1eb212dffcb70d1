/** How long an answer about a key holds, and that nobody who tries keys fills the memory, on a database that answers when told. */
import { expect, it } from 'vitest';
import { createAuthenticator } from '../../src/meter/access/authenticate.js';
import { hashOf, type ValidKey } from '../../src/meter/access/keys.js';

const TTL_MS = 5_000;

const secretOf = (number: number) => `tg_sk_${String(number).padStart(43, '0')}`;

const validKey = (number: number): ValidKey => ({
  id: `key ${number}`,
  projectId: `project ${number}`,
  hash: hashOf(secretOf(number)),
});

/** All keys below `valid` are some; a look-up is answered by `answer`. */
function given({ valid = 0, entriesMax = 10 } = {}) {
  let now = 0;
  const asked: ((error?: Error) => void)[] = [];
  const authenticate = createAuthenticator({
    apiKeys: {
      valid: () =>
        new Promise((resolve, reject) => {
          const keys = Array.from({ length: valid }, (_, number) => validKey(number));
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
    lookUps: () => asked.length,
    /** Answers the look-up that is under way. */
    answer: async (error?: Error) => {
      asked.at(-1)?.(error);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const CALLER = { projectId: 'project 0', keyId: 'key 0' };

it('an answer holds from before its query, which may take long', async () => {
  const { authenticate, pass, answer, lookUps } = given({ valid: 1 });
  const caller = authenticate(secretOf(0));
  pass(TTL_MS - 1);
  await answer();
  expect(await caller).toEqual(CALLER);
  expect(authenticate(secretOf(0))).toEqual(CALLER);
  pass(1);
  expect(authenticate(secretOf(0))).toBeInstanceOf(Promise);
  expect(lookUps()).toBe(2);
});

it('that a key is none holds as long', async () => {
  const { authenticate, pass, answer } = given();
  const caller = authenticate(secretOf(0));
  await answer();
  expect(await caller).toBeNull();
  pass(TTL_MS - 1);
  expect(authenticate(secretOf(0))).toBeNull();
  pass(1);
  expect(authenticate(secretOf(0))).toBeInstanceOf(Promise);
});

it('all who ask for a key while it is looked up get that answer', async () => {
  const { authenticate, answer, lookUps } = given({ valid: 1 });
  const callers = [1, 2, 3].map(() => authenticate(secretOf(0)));
  expect(new Set(callers).size).toBe(1);
  await answer();
  expect(await Promise.all(callers)).toEqual([CALLER, CALLER, CALLER]);
  expect(lookUps()).toBe(1);
});

it('look-ups that wait are bounded: one more is refused, and who is cached is not', async () => {
  const { authenticate, answer } = given({ valid: 1 });
  const known = authenticate(secretOf(0));
  await answer();
  await known;
  const waiting: unknown[] = [];
  // The first is on its way, and 10,000 wait for it.
  for (let number = 1; number <= 10_001; number += 1) waiting.push(authenticate(secretOf(number)));
  expect(() => authenticate(secretOf(20_000))).toThrow(
    expect.objectContaining({ code: 'OVERLOADED' }),
  );
  expect(authenticate(secretOf(0))).toEqual(CALLER);
  // Who asks for what is looked up already takes no room.
  expect(authenticate(secretOf(5))).toBe(waiting[4]);
});

it('the youngest answers are kept, and so many', async () => {
  const { authenticate, answer, lookUps } = given({ valid: 3, entriesMax: 2 });
  for (const number of [0, 1, 2]) {
    const caller = authenticate(secretOf(number));
    await answer();
    await caller;
  }
  expect(authenticate(secretOf(2))).not.toBeInstanceOf(Promise);
  expect(authenticate(secretOf(1))).not.toBeInstanceOf(Promise);
  expect(lookUps()).toBe(3);
  expect(authenticate(secretOf(0))).toBeInstanceOf(Promise);
});

it('a look-up that fails is told to those who wait for it, and is no answer', async () => {
  const { authenticate, answer } = given({ valid: 1 });
  const first = authenticate(secretOf(0));
  const failed = expect(first).rejects.toThrow('down');
  await answer(new Error('down'));
  await failed;
  const second = authenticate(secretOf(0));
  await answer();
  expect(await second).toEqual(CALLER);
});
