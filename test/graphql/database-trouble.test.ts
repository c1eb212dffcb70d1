/** What callers get while the database hangs, drops connections or refuses calls. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { CallError, type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import {
  HOLD_CUSTOMER,
  HOLD_EVENTS,
  type OtherSessions,
  openOtherSessions,
} from '../support/database/other-sessions.js';
import { createProject, damagesOf } from '../support/database/project.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';
import type { GatewayLimits } from '../support/gateway/open-gateway.js';

let database: TestDatabase;
let otherSessions: OtherSessions;
let gateway: LocalGateway;
let client: Client;

beforeEach(async () => {
  database = await createDatabase();
  otherSessions = openOtherSessions(database.url);
});

afterEach(async () => {
  await otherSessions.close();
  await gateway.close();
  expect(await damagesOf({ connectionString: database.url })).toEqual([]);
  await database.drop();
});

async function start(options: Partial<GatewayLimits>, customerIds: readonly string[]) {
  gateway = await startLocalGateway({ connectionString: database.url }, options);
  client = createClient(gateway.origin, gateway.secret);
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  for (const customerId of customerIds) {
    await operations.createCustomer(client, customerId);
    await operations.grant(client, customerId, oneOff('messages', 1_000));
    // From here on the customer is cached, and the gateway decides without reading first.
    await track(customerId, `first of ${customerId}`);
  }
}

function track(customerId: string, idempotencyKey: string) {
  return operations.track(client, customerId, { featureId: 'messages', idempotencyKey });
}

interface End {
  /** ACCEPTED, the code of a refusal, or that of an error marked as retryable. */
  readonly how: string;
  readonly ms: number;
}

async function ended(answer: Promise<operations.Tracked | operations.ShownEvent[]>): Promise<End> {
  const start = performance.now();
  const how = await answer.then(
    (data) => ('code' in data ? data.code : 'ACCEPTED'),
    (error: unknown) => {
      if (!(error instanceof CallError)) throw error;
      const { status, codes, retryable, retryAfter } = error;
      return status === 503 && retryable && retryAfter !== null ? codes.join() : String(error);
    },
  );
  return { how, ms: performance.now() - start };
}

it('a full queue refuses calls with OVERLOADED at once, and writes nothing for them', async () => {
  await start({ lanes: 1, queueItemsMax: 20 }, ['ada']);
  const release = await otherSessions.hold(HOLD_EVENTS);
  const first = ended(track('ada', 'k0'));
  await otherSessions.untilOneWaits();
  let overloaded = 0;
  const others = Array.from({ length: 49 }, async (_, index) => {
    const end = await ended(track('ada', `k${index + 1}`));
    if (end.how === 'OVERLOADED') overloaded += 1;
    return end;
  });
  // These do not wait for the lock, unlike those in the queue.
  await expect.poll(() => overloaded).toBe(31);
  await release();
  const ends = [await first, ...(await Promise.all(others))];
  const accepted = ends.filter(({ how }) => how === 'ACCEPTED');
  expect(accepted.length).toBe(19);
  expect(ends.filter(({ how }) => how === 'OVERLOADED').length).toBe(31);
  expect(await otherSessions.count('SELECT count(*)::int FROM events')).toBe(1 + 19);
  expect(await otherSessions.count('SELECT used::int AS count FROM balances')).toBe(1 + 19);
  // The refused calls have left no trace: their keys can be used again.
  const retried = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      for (;;) {
        const end = await ended(track('ada', `k${index}`));
        if (end.how !== 'OVERLOADED') return end.how;
        await delay(10);
      }
    }),
  );
  expect(retried).toEqual(retried.map(() => 'ACCEPTED'));
  expect(await otherSessions.count('SELECT count(*)::int FROM events')).toBe(1 + 50);
});

/** Rounds of the locked customer's callers. If each waited for the lock, so would the other customers. */
const ROUNDS = 8;

it('a customer locked by another session keeps no other customer waiting', async () => {
  const others = Array.from({ length: 12 }, (_, index) => `other${index}`);
  // Long enough to tell waiting for the lock from waiting for a busy machine.
  const acquireTimeoutMs = 5_000;
  await start({ lanes: 2, acquireTimeoutMs }, ['held', ...others]);
  const release = await otherSessions.hold(HOLD_CUSTOMER, ['held']);
  const held: (End & { key: string })[] = [];
  const free: End[] = [];
  let isHeld = true;
  const holders = [0, 1, 2, 3].map(async (number) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = `${number} ${round}`;
      held.push({ key, ...(await ended(track('held', key))) });
      await delay(50);
    }
  });
  const callers = others.map(async (customerId) => {
    for (let round = 0; isHeld; round += 1) {
      free.push(await ended(track(customerId, `${customerId} ${round}`)));
      await delay(50);
    }
  });
  await Promise.all(holders);
  isHeld = false;
  await Promise.all(callers);
  await release();
  // Only callers of the locked customer are affected.
  expect(new Set(free.map(({ how }) => how))).toEqual(new Set(['ACCEPTED']));
  expect(new Set(held.map(({ how }) => how))).toEqual(new Set(['CUSTOMER_LOCKED']));
  // A lane may wait for the lock once, but not again for every call on that customer.
  const slow = (ends: readonly End[]) => ends.filter(({ ms }) => ms > acquireTimeoutMs * 0.8);
  expect(slow(free).length).toBeLessThanOrEqual(others.length);
  expect(slow(held).length).toBeLessThanOrEqual(2 * holders.length);
  // Once unlocked, the customer is served at once, and each key is charged once.
  for (const { key } of held) expect((await ended(track('held', key))).how).toBe('ACCEPTED');
  expect(
    await otherSessions.count(`SELECT count(*)::int FROM events JOIN customers USING (customer_key)
    WHERE customers.id = 'held'`),
  ).toBe(1 + held.length);
});

it('locked customers of many projects use two connections at a time and delay no other customer', async () => {
  // Long enough for the first call to wait until the others have arrived, on a busy machine.
  await start({ lanes: 1, acquireTimeoutMs: 5_000 }, ['free']);
  const names = Array.from({ length: 4 }, (_, index) => `project ${index}`);
  const others = await Promise.all(names.map(heldIn));
  // All of them in one batch: the only lane is busy until they have arrived.
  const releaseEvents = await otherSessions.hold(HOLD_EVENTS);
  const first = ended(track('free', 'first in the lane'));
  await otherSessions.untilOneWaits();
  const held = others.map((other) => ended(trackHeld(other, 'k')));
  const free = ended(track('free', 'k'));
  // Reads that were sent later are answered.
  for (const other of others) await operations.look(other, 'held', 'messages', null);
  const releaseHeld = await otherSessions.hold(HOLD_CUSTOMER, ['held']);
  await releaseEvents();
  await otherSessions.untilWaiting(2);
  expect([(await first).how, (await free).how]).toEqual(['ACCEPTED', 'ACCEPTED']);
  let most = 0;
  let isHeld = true;
  const counting = async () => {
    while (isHeld) most = Math.max(most, await otherSessions.waitingNow());
  };
  const counted = counting();
  const ends = await Promise.all(held);
  isHeld = false;
  await counted;
  await releaseHeld();
  expect(ends.map(({ how }) => how)).toEqual(others.map(() => 'CUSTOMER_LOCKED'));
  expect(most).toBe(2);
  for (const other of others) expect((await ended(trackHeld(other, 'k'))).how).toBe('ACCEPTED');
});

/** A client of a new project, in which the customer `held` is cached. */
async function heldIn(project: string): Promise<Client> {
  const other = createClient(gateway.origin, await createProject(database.url, project));
  await operations.createFeature(other, { id: 'messages', type: 'CONSUMABLE' });
  await operations.createCustomer(other, 'held');
  await operations.grant(other, 'held', oneOff('messages', 1_000));
  await trackHeld(other, 'first');
  return other;
}

function trackHeld(other: Client, idempotencyKey: string) {
  return operations.track(other, 'held', { featureId: 'messages', idempotencyKey });
}

/** What a call may get while the database hangs, depending on where it waits. */
const RETRYABLE = [
  'DATABASE_UNAVAILABLE',
  'DATABASE_TIMEOUT',
  'CUSTOMER_LOCKED',
  'OUTCOME_UNKNOWN',
  'OVERLOADED',
  'READS_OVERLOADED',
];

it('every call is answered in time while the database hangs, and nothing is recorded twice', async () => {
  const ids = ['ada', 'ben', 'cleo', 'dan'];
  await start({ acquireTimeoutMs: 2_000, statementTimeoutMs: 4_000 }, ids);
  const release = await otherSessions.hold(HOLD_EVENTS);
  // The reads take all connections, so that some writes have to wait for one.
  const reads = Array.from({ length: 15 }, () => ended(operations.events(client, 'ada')));
  // The lock is held until every call has been answered: one that waits for it without a limit fails the test.
  const ends = await Promise.all([...reads, ...ids.map((id) => ended(track(id, 'k')))]);
  await release();
  for (const { how } of ends) expect(RETRYABLE).toContain(how);
  for (const id of ids) expect((await ended(track(id, 'k'))).how).toBe('ACCEPTED');
  expect(await otherSessions.count('SELECT count(*)::int FROM events')).toBe(2 * ids.length);
});

it('sessions that an administrator terminates are replaced, and nothing is recorded twice', async () => {
  const ids = ['ada', 'ben', 'cleo'];
  await start({}, ids);
  const end = performance.now() + 3_000;
  const hows = new Map<string, number>();
  let calls = 0;
  const caller = async (number: number) => {
    for (let round = 0; performance.now() < end; round += 1) {
      calls += 1;
      for (;;) {
        const { how } = await ended(track(ids[number % 3] ?? '', `${number} ${round}`));
        hows.set(how, (hows.get(how) ?? 0) + 1);
        if (how === 'ACCEPTED') break;
      }
    }
  };
  const terminator = async () => {
    while (performance.now() < end) {
      await delay(100);
      await otherSessions.endSessions();
    }
  };
  await Promise.all([terminator(), ...Array.from({ length: 9 }, (_, number) => caller(number))]);
  hows.delete('ACCEPTED');
  expect(hows.size).toBeGreaterThan(0);
  expect(
    [...hows.keys()].filter((how) => !['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN'].includes(how)),
  ).toEqual([]);
  expect(await otherSessions.count('SELECT count(*)::int FROM events')).toBe(ids.length + calls);
  expect(await otherSessions.count('SELECT sum(used)::int AS count FROM balances')).toBe(
    ids.length + calls,
  );
});
