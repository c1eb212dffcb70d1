/** The last use of keys is written once a minute for all of them, never by a call, and its failure concerns no call. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  createKeyUseRecorder,
  type KeyUse,
  REMEMBERED_MAX,
  rememberingUse,
} from '../../src/meter/access/key-use.js';
import { createDeferred } from '../../src/platform/deferred.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const MINUTE_MS = 60_000;

function recorder(record: (uses: readonly KeyUse[]) => Promise<void> = async () => undefined) {
  const written: (readonly KeyUse[])[] = [];
  const failures: unknown[] = [];
  const keyUse = createKeyUseRecorder({
    keyUses: {
      record: (uses) => {
        written.push(uses);
        return record(uses);
      },
    },
    monotonicMs: () => Date.now(),
    onFailure: (error) => failures.push(error),
  });
  return { ...keyUse, written, failures };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

it('a thousand calls with two keys are one statement, a minute later, with the last use of each', async () => {
  const { used, written } = recorder();
  for (let call = 0; call < 500; call += 1) {
    used('a');
    used('b');
    await pass(100);
  }
  used('b');
  expect(written).toEqual([]);
  await pass(MINUTE_MS - 50_000);
  expect(written).toEqual([
    [
      { keyId: 'a', agoMs: 10_100 },
      { keyId: 'b', agoMs: 10_000 },
    ],
  ]);
});

it('nothing is written while no key is used', async () => {
  const { used, written } = recorder();
  used('a');
  await pass(10 * MINUTE_MS);
  expect(written).toHaveLength(1);
  used('a');
  await pass(10 * MINUTE_MS);
  expect(written).toHaveLength(2);
});

it('statements never overlap, and a minute separates them', async () => {
  const first = createDeferred<void>();
  const { used, written } = recorder(() =>
    written.length === 1 ? first.promise : Promise.resolve(),
  );
  used('a');
  await pass(MINUTE_MS);
  used('b');
  await pass(5 * MINUTE_MS);
  expect(written).toHaveLength(1);
  first.resolve();
  await pass(MINUTE_MS - 1);
  expect(written).toHaveLength(1);
  await pass(1);
  expect(written.map((uses) => uses.map(({ keyId }) => keyId))).toEqual([['a'], ['b']]);
});

it('what could not be written is written later; failures in a row are reported once', async () => {
  let isBroken = true;
  const { used, written, failures } = recorder(async () => {
    if (isBroken) throw new Error('down');
  });
  used('a');
  await pass(3 * MINUTE_MS);
  expect(written).toHaveLength(3);
  expect(failures).toEqual([new Error('down')]);
  isBroken = false;
  await pass(MINUTE_MS);
  expect(written.at(-1)).toEqual([{ keyId: 'a', agoMs: 4 * MINUTE_MS }]);
  isBroken = true;
  used('a');
  await pass(MINUTE_MS);
  expect(failures).toHaveLength(2);
});

it('a later use is kept when an earlier statement fails', async () => {
  const first = createDeferred<void>();
  const { used, written } = recorder(() =>
    written.length === 1 ? first.promise : Promise.resolve(),
  );
  used('a');
  await pass(MINUTE_MS);
  used('a');
  first.reject(new Error('down'));
  await pass(MINUTE_MS);
  expect(written[1]).toEqual([{ keyId: 'a', agoMs: MINUTE_MS }]);
});

it('at the shutdown, what it knows is written, and nothing afterwards', async () => {
  const { used, stop, written, failures } = recorder();
  used('a');
  await stop();
  expect(written).toEqual([[{ keyId: 'a', agoMs: 0 }]]);
  used('a');
  await pass(10 * MINUTE_MS);
  expect(written).toHaveLength(1);

  const broken = recorder(async () => {
    throw new Error('down');
  });
  broken.used('a');
  await broken.stop();
  expect(broken.failures).toEqual([new Error('down')]);
  expect(failures).toEqual([]);
});

it('it knows the use of a limited number of keys; the ones that were used first make room', async () => {
  const { used, written } = recorder();
  for (let key = 0; key < REMEMBERED_MAX + 2; key += 1) used(String(key));
  used(String(REMEMBERED_MAX));
  await pass(MINUTE_MS);
  const ids = written.flat().map(({ keyId }) => keyId);
  expect(ids).toHaveLength(REMEMBERED_MAX);
  expect([ids[0], ids.at(-1)]).toEqual(['2', String(REMEMBERED_MAX + 1)]);
});

it.each([
  ['at once', (caller: { projectId: string; keyId: string; scopes: number } | null) => caller],
  ['later', async (caller: { projectId: string; keyId: string; scopes: number } | null) => caller],
])('a caller who is known %s is one who uses a key; a stranger is not', async (_when, known) => {
  const used: string[] = [];
  const caller = { projectId: 'p', keyId: 'k', scopes: 0 };
  const authenticate = rememberingUse((secret) => known(secret === 'right' ? caller : null), {
    used: (keyId) => used.push(keyId),
  });
  expect(await authenticate('wrong')).toBeNull();
  expect(await authenticate('right')).toBe(caller);
  expect(used).toEqual(['k']);
});
