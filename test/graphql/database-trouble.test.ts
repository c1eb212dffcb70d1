/** What callers see of a database that hangs, breaks off or refuses: design section 6. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { CallError, type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import {
  createMeddler,
  HOLD_CUSTOMER,
  HOLD_EVENTS,
  type Meddler,
} from '../support/database/meddler.js';
import { damagesOf } from '../support/database/project.js';
import {
  type LocalGateway,
  type LocalOptions,
  startLocalGateway,
} from '../support/gateway/local-gateway.js';

let database: TestDatabase;
let meddler: Meddler;
let gateway: LocalGateway;
let client: Client;

beforeEach(async () => {
  database = await createDatabase();
  meddler = createMeddler(database.url);
});

afterEach(async () => {
  await meddler.close();
  await gateway.close();
  expect(await damagesOf({ connectionString: database.url })).toEqual([]);
  await database.drop();
});

async function start(options: Partial<LocalOptions>, customerIds: readonly string[]) {
  gateway = await startLocalGateway({ connectionString: database.url }, options);
  client = createClient(gateway.origin, gateway.secret);
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  for (const customerId of customerIds) {
    await operations.createCustomer(client, customerId);
    await operations.grant(client, customerId, oneOff('messages', 1_000));
    // From now on the gateway remembers it, and decides without reading first.
    await use(customerId, `first of ${customerId}`);
  }
}

function use(customerId: string, idempotencyKey: string) {
  return operations.track(client, customerId, { featureId: 'messages', idempotencyKey });
}

interface End {
  /** ACCEPTED, the code of a refusal, or of an error that is worth a retry and says so. */
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

it('a full queue answers OVERLOADED at once, and writes nothing for it', async () => {
  await start({ lanes: 1, queueItemsMax: 20 }, ['ada']);
  const letGo = await meddler.hold(HOLD_EVENTS);
  const first = ended(use('ada', 'k0'));
  await meddler.someoneWaits();
  let overloaded = 0;
  const others = Array.from({ length: 49 }, async (_, index) => {
    const end = await ended(use('ada', `k${index + 1}`));
    if (end.how === 'OVERLOADED') overloaded += 1;
    return end;
  });
  // They don't wait for the lock, as the ones in the queue do.
  await expect.poll(() => overloaded).toBe(30);
  await letGo();
  const ends = [await first, ...(await Promise.all(others))];
  const accepted = ends.filter(({ how }) => how === 'ACCEPTED');
  expect(accepted.length).toBe(20);
  expect(ends.filter(({ how }) => how === 'OVERLOADED').length).toBe(30);
  expect(await meddler.count('SELECT count(*)::int FROM events')).toBe(1 + 20);
  expect(await meddler.count('SELECT used::int AS count FROM balances')).toBe(1 + 20);
  // Nothing is left of the refused ones: the same keys are as good as new.
  const retried = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      for (;;) {
        const end = await ended(use('ada', `k${index}`));
        if (end.how !== 'OVERLOADED') return end.how;
        await delay(10);
      }
    }),
  );
  expect(retried).toEqual(retried.map(() => 'ACCEPTED'));
  expect(await meddler.count('SELECT count(*)::int FROM events')).toBe(1 + 50);
});

/** Of the held customer's callers; were each round to wait for the lock, the others would wait as often. */
const ROUNDS = 8;

it('a customer whose row somebody holds keeps no other customer waiting', async () => {
  const others = Array.from({ length: 12 }, (_, index) => `other${index}`);
  // Long, so that who has waited for the lock is told from who has waited for a busy machine.
  const acquireTimeoutMs = 5_000;
  await start({ lanes: 2, acquireTimeoutMs }, ['held', ...others]);
  const letGo = await meddler.hold(HOLD_CUSTOMER, ['held']);
  const held: (End & { key: string })[] = [];
  const free: End[] = [];
  let isHeld = true;
  const holders = [0, 1, 2, 3].map(async (number) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = `${number} ${round}`;
      held.push({ key, ...(await ended(use('held', key))) });
      await delay(50);
    }
  });
  const callers = others.map(async (customerId) => {
    for (let round = 0; isHeld; round += 1) {
      free.push(await ended(use(customerId, `${customerId} ${round}`)));
      await delay(50);
    }
  });
  await Promise.all(holders);
  isHeld = false;
  await Promise.all(callers);
  await letGo();
  // Nobody but the held one's callers hears of it.
  expect(new Set(free.map(({ how }) => how))).toEqual(new Set(['ACCEPTED']));
  expect(new Set(held.map(({ how }) => how))).toEqual(new Set(['CUSTOMER_LOCKED']));
  // A lane may wait for the lock once, not again for every call on the held one.
  const slow = (ends: readonly End[]) => ends.filter(({ ms }) => ms > acquireTimeoutMs * 0.8);
  expect(slow(free).length).toBeLessThanOrEqual(others.length);
  expect(slow(held).length).toBeLessThanOrEqual(2 * holders.length);
  // Its lock gone, it is served at once, and each key once.
  for (const { key } of held) expect((await ended(use('held', key))).how).toBe('ACCEPTED');
  expect(
    await meddler.count(`SELECT count(*)::int FROM events JOIN customers USING (customer_key)
    WHERE customers.id = 'held'`),
  ).toBe(1 + held.length);
});

/** What a database that hangs may be answered with; which of them, is a matter of where a call waits. */
const RETRYABLE = [
  'DATABASE_UNAVAILABLE',
  'DATABASE_TIMEOUT',
  'CUSTOMER_LOCKED',
  'OUTCOME_UNKNOWN',
  'OVERLOADED',
  'READS_OVERLOADED',
];

it('while the database hangs all are answered in time, and nothing is done twice', async () => {
  const ids = ['ada', 'ben', 'cleo', 'dan'];
  await start({ acquireTimeoutMs: 2_000, statementTimeoutMs: 4_000 }, ids);
  const letGo = await meddler.hold(HOLD_EVENTS);
  // The reads take all connections, so that some writes have to wait for one.
  const reads = Array.from({ length: 15 }, () => ended(operations.events(client, 'ada')));
  const ends = await Promise.all([...reads, ...ids.map((id) => ended(use(id, 'k')))]);
  await letGo();
  for (const { how, ms } of ends) {
    expect(RETRYABLE).toContain(how);
    // Not for as long as the lock is held, which is for ever.
    expect(ms).toBeLessThan(30_000);
  }
  for (const id of ids) expect((await ended(use(id, 'k'))).how).toBe('ACCEPTED');
  expect(await meddler.count('SELECT count(*)::int FROM events')).toBe(2 * ids.length);
});

it('sessions that an administrator ends are replaced, and nothing is done twice', async () => {
  const ids = ['ada', 'ben', 'cleo'];
  await start({}, ids);
  const end = performance.now() + 3_000;
  const hows = new Map<string, number>();
  let uses = 0;
  const caller = async (number: number) => {
    for (let round = 0; performance.now() < end; round += 1) {
      uses += 1;
      for (;;) {
        const { how } = await ended(use(ids[number % 3] ?? '', `${number} ${round}`));
        hows.set(how, (hows.get(how) ?? 0) + 1);
        if (how === 'ACCEPTED') break;
      }
    }
  };
  const terminator = async () => {
    while (performance.now() < end) {
      await delay(100);
      await meddler.endSessions();
    }
  };
  await Promise.all([terminator(), ...Array.from({ length: 9 }, (_, number) => caller(number))]);
  hows.delete('ACCEPTED');
  expect(hows.size).toBeGreaterThan(0);
  expect(
    [...hows.keys()].filter((how) => !['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN'].includes(how)),
  ).toEqual([]);
  expect(await meddler.count('SELECT count(*)::int FROM events')).toBe(ids.length + uses);
  expect(await meddler.count('SELECT sum(used)::int AS count FROM balances')).toBe(
    ids.length + uses,
  );
});
