/** Calls follow a place from server to server, and decisions wait for copies of the catalogue (docs/adr/0070-places.md). */

import { expect, it, vi } from 'vitest';
import { HOME } from '../../src/domain/place.js';
import { UnavailableError } from '../../src/domain/unavailable.js';
import { ClosedWait } from '../../src/store/closed-wait.js';
import { MovedError, retrying } from '../../src/store/retry.js';
import { atPlace } from '../../src/store/servers/at-place.js';
import { copiesOn } from '../../src/store/servers/copies.js';
import { whereaboutsIn } from '../../src/store/servers/whereabouts.js';

type Client = Parameters<typeof whereaboutsIn>[0];

/** A database of which only the answers matter. */
function clientOf(answer: (text: string) => Promise<readonly object[]>): Client {
  const query = async (given: string | { readonly text: string }) => ({
    rows: await answer(typeof given === 'string' ? given : given.text),
  });
  return { query } as unknown as Client;
}

const at = (server: string | null) => [
  { number: 3, server, epoch: '1', moving_to: null, step: null },
];

const failure = (code: string, message = code) =>
  Object.assign(new Error(message), { severity: 'ERROR', code });

it('a place that the map does not have is at home', async () => {
  const { serverOf } = whereaboutsIn(clientOf(() => Promise.resolve(at('b'))));
  expect(await serverOf(3)).toBe('b');
  expect(await serverOf(4)).toBe(HOME);
});

it('who asks whether a place has moved has the answer of a reading that began after that', async () => {
  const readings: ((rows: readonly object[]) => void)[] = [];
  const { serverOf, hasMoved } = whereaboutsIn(
    clientOf(() => new Promise((resolve) => readings.push(resolve))),
  );
  const first = serverOf(3);
  await vi.waitFor(() => expect(readings).toHaveLength(1));
  const later = Promise.all([hasMoved(3, HOME), hasMoved(3, 'b')]);
  readings[0]?.(at(null));
  expect(await first).toBe(HOME);
  await vi.waitFor(() => expect(readings).toHaveLength(2));
  readings[1]?.(at('b'));
  expect(await later).toEqual([true, false]);
  expect(await serverOf(3)).toBe('b');
  expect(readings).toHaveLength(2);
});

it('a map that cannot be read says nothing new', async () => {
  let isDown = false;
  const { serverOf, hasMoved } = whereaboutsIn(
    clientOf(() => (isDown ? Promise.reject(failure('57P01')) : Promise.resolve(at('b')))),
  );
  expect(await serverOf(3)).toBe('b');
  isDown = true;
  expect(await hasMoved(3, HOME)).toBe(false);
  expect(await serverOf(3)).toBe('b');
});

it('a map is read again once it is a second old, and kept if it cannot be', async () => {
  let now = 0;
  let server: string | null = 'b';
  const read = vi.fn(() =>
    server === 'down' ? Promise.reject(failure('57P01')) : Promise.resolve(at(server)),
  );
  const { serverOf } = whereaboutsIn(clientOf(read), () => now);
  expect([await serverOf(3), await serverOf(3)]).toEqual(['b', 'b']);
  expect(read).toHaveBeenCalledTimes(1);
  server = null;
  now = 1_001;
  expect([await serverOf(3), await serverOf(3)]).toEqual([HOME, HOME]);
  expect(read).toHaveBeenCalledTimes(2);
  server = 'down';
  now = 3_000;
  expect(await serverOf(3)).toBe(HOME);
  server = 'b';
  // In the background, because the last reading failed.
  await vi.waitFor(async () => expect(await serverOf(3)).toBe('b'));
});

it('only the first call waits for a home that does not answer', async () => {
  let now = 0;
  let isHanging = false;
  const { serverOf } = whereaboutsIn(
    clientOf(() => {
      if (!isHanging) return Promise.resolve(at('b'));
      return new Promise((_, reject) => setImmediate(reject, failure('57P01')));
    }),
    () => now,
  );
  await serverOf(3);
  isHanging = true;
  now = 1_001;
  expect(await Promise.all([serverOf(3), serverOf(3)])).toEqual(['b', 'b']);
  const answered: string[] = [];
  void serverOf(3).then(() => answered.push('call'));
  await Promise.resolve().then(() => undefined);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(answered).toEqual(['call']);
});

const moving = (servers: string[]) => ({
  serverOf: () => Promise.resolve(servers[0] ?? ''),
  lastKnown: () => servers[0] ?? '',
  hasMoved: (_: number, from: string) => {
    servers.shift();
    return Promise.resolve(servers[0] !== from);
  },
});

it.each([
  ['closed', '53TG1', 'closed'],
  ['gone', '42P01', 'relation "place_3.customers" does not exist'],
  ['gone before it was prepared', '3F000', 'schema "place_3" does not exist'],
])('what finds a place %s is done where it has moved to', async (_, code, message) => {
  const whereabouts = moving([HOME, 'b']);
  const tried: string[] = [];
  const inPlace = atPlace(3, new Map([HOME, 'b'].map((name) => [name, name])), whereabouts);
  const done = await inPlace((server) =>
    retrying(
      () => {
        tried.push(server);
        return server === 'b' ? Promise.resolve('done') : Promise.reject(failure(code, message));
      },
      () => true,
      new ClosedWait(() => whereabouts.hasMoved(3, server)),
    ),
  );
  expect([done, tried]).toEqual(['done', [HOME, 'b']]);
});

it('a table that is missing is missing where a place cannot move', async () => {
  const error = failure('42P01', 'relation "place_3.customers" does not exist');
  await expect(
    retrying(
      () => Promise.reject(error),
      () => true,
    ),
  ).rejects.toBe(error);
});

it('an error that is not about the move is not repeated elsewhere', async () => {
  const work = vi.fn(() => Promise.reject(failure('23505')));
  const inPlace = atPlace(3, new Map([[HOME, 1]]), moving([HOME]));
  await expect(inPlace(work)).rejects.toThrow('23505');
  expect(work).toHaveBeenCalledTimes(1);
  expect(new MovedError('moved')).not.toBeInstanceOf(UnavailableError);
});

it('a server without an address in this process is named', async () => {
  const inPlace = atPlace(3, new Map([[HOME, 1]]), moving(['b']));
  await expect(inPlace(() => Promise.resolve())).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    cause: { message: expect.stringContaining('DATABASE_URL_B') },
  });
});

/** A home with this version of the catalogue, and copies that have others one after the other. */
function copiesWith(copies: Readonly<Record<string, readonly number[]>>, settleMaxMs = 10_000) {
  const home = clientOf((text) =>
    Promise.resolve(
      text.includes('servers') ? Object.keys(copies).map((name) => ({ name })) : [{ version: 7 }],
    ),
  );
  const asked = new Map<string, number>();
  const others = Object.entries(copies).map(([name, versions]) => {
    const client = clientOf(() => {
      const n = asked.get(name) ?? 0;
      asked.set(name, n + 1);
      const version = versions[Math.min(n, versions.length - 1)];
      if (version === undefined) return new Promise(() => undefined);
      return version < 0 ? Promise.reject(failure('57P01')) : Promise.resolve([{ version }]);
    });
    return [name, client] as const;
  });
  return { asked, copies: copiesOn({ home, others: new Map(others), settleMaxMs }) };
}

it('a change of the catalogue is settled once each copy has it, or what came after it', async () => {
  const { copies, asked } = copiesWith({ b: [5, -1, 6, 7], c: [9] });
  await copies.settle('p');
  expect([...asked]).toEqual([
    ['b', 4],
    ['c', 1],
  ]);
});

it.each([
  ['is behind', [6]],
  ['cannot be reached', [-1]],
  ['hangs', []],
])('a change is not confirmed while a copy %s', async (_, versions) => {
  const { copies } = copiesWith({ b: versions, c: [7] }, 20);
  await expect(copies.settle('p')).rejects.toMatchObject({
    code: 'OUTCOME_UNKNOWN',
    cause: { message: expect.stringContaining('server b') },
  });
});

it('a decision waits for copies, and after one has been behind for too long no longer for that one', async () => {
  const { copies, asked } = copiesWith({ b: [6], c: [6, 7] });
  await copies.awaitVersion('p', 7);
  const before = asked.get('b') ?? 0;
  expect(before).toBeGreaterThan(1);
  await copies.awaitVersion('p', 7);
  expect([asked.get('b'), asked.get('c')]).toEqual([before, 3]);
});
