/** What may happen between the decision of a call and the answer to its commit. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { units } from '../../src/domain/quantity.js';
import { createBalance } from '../../src/meter/balance.js';
import { createCustomer } from '../../src/meter/customer.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { createEntity, deleteEntity } from '../../src/meter/entity.js';
import { createFeature } from '../../src/meter/feature.js';
import type { Store } from '../../src/meter/store.js';
import type { VerbContext } from '../../src/meter/verb.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { PLACE_0 } from '../../src/store/placed.js';
import { createWritePath } from '../../src/store/write-path.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';
import { trackMessage, verbContext } from '../support/meter/verb-context.js';

const HOUR_MS = 3_600_000;

let test: TestStore;
let database: Database;

beforeAll(async () => {
  test = await createStore();
  database = openDatabase({
    address: { connectionString: test.database.url },
    poolMax: 2,
    readPoolMax: 2,
    ...PATIENT_DATABASE,
    onIdleError: () => undefined,
  });
  const draft = { name: 'Messages', type: 'CONSUMABLE', eventNames: [], creditCosts: [] } as const;
  await createFeature(contextOn(test.store), { id: 'messages', ...draft });
});

afterAll(async () => {
  await database.close();
  await test.close();
});

const contextOn = (store: Store) => verbContext(store, test.projectId);

function grant(ctx: VerbContext, customerId: string, resets = false) {
  const interval = { unit: 'HOUR', count: 1 } as const;
  return createBalance(ctx, {
    customerId,
    balanceId: null,
    featureId: 'messages',
    entityId: null,
    granted: units(100),
    unlimited: false,
    priority: 0,
    reset: resets
      ? { interval, anchor: null, timeZone: null, rollover: null, carryOverage: false }
      : null,
    startsAt: null,
    expiresAt: null,
    overageAllowed: null,
    overageLimit: null,
    idempotencyKey: null,
  });
}

async function customer(ctx: VerbContext, id: string): Promise<void> {
  await createCustomer(ctx, { id, name: null, email: null, metadata: {} });
}

async function eventsOf(customerId: string): Promise<number> {
  const { customerKey } = customerScope(test.projectId, customerId);
  return database.prisma.event.count({ where: { customerKey } });
}

describe('a reset that comes due meanwhile takes effect', () => {
  /** Moves the database's clock forward by just over an hour right before the first commit. */
  function lateStore(): { store: Store; commits: () => number } {
    let commits = 0;
    const late = <Args extends unknown[], Result>(commit: (...args: Args) => Result) => {
      return (...args: Args) => {
        commits += 1;
        if (commits === 1) test.setClockOffset(HOUR_MS + 1_000);
        return commit(...args);
      };
    };
    const store: Store = {
      ...test.store,
      commit: late(test.store.commit),
      transaction: (customerKey, run) =>
        test.store.transaction(customerKey, (transaction) =>
          run({ ...transaction, commit: late(transaction.commit) }),
        ),
    };
    return { store, commits: () => commits };
  }

  afterEach(() => test.setClockOffset(0));

  it('for a cached customer', async () => {
    await customer(contextOn(test.store), 'cached');
    await grant(contextOn(test.store), 'cached', true);
    let store: Store = test.store;
    // The first usage event caches the customer; the commit of the second one is late.
    const ctx = contextOn({
      ...test.store,
      commit: (...args) => store.commit(...args),
      transaction: (...args) => store.transaction(...args),
    });
    await trackMessage(ctx, 'cached');
    const late = lateStore();
    store = late.store;
    const used = await trackMessage(ctx, 'cached');
    if (!used.ok) throw new Error('refused');
    expect(used.value.balance?.usage).toBe(units(1));
    expect(used.value.balance?.nextResetAt).toBeGreaterThan(used.value.event.recordedAt);
    expect(late.commits()).toBe(2);
  });

  it('for a balance that has just been created', async () => {
    await customer(contextOn(test.store), 'new');
    const late = lateStore();
    const ctx = contextOn(late.store);
    const [granted, used] = await Promise.all([grant(ctx, 'new', true), trackMessage(ctx, 'new')]);
    if (!granted.ok || !used.ok) throw new Error('refused');
    expect(used.value.balance?.nextResetAt).toBeGreaterThan(used.value.event.recordedAt);
    expect(late.commits()).toBe(2);
  });
});

it('an unreadable answer to a commit is OUTCOME_UNKNOWN, and nothing is recorded again', async () => {
  let losing = false;
  const losingAnswers = new Proxy(database.prisma, {
    get: (target, name) =>
      name === '$queryRawUnsafe'
        ? async (query: string, ...values: unknown[]) => {
            const rows: unknown = await target.$queryRawUnsafe(query, ...values);
            return losing ? [] : rows;
          }
        : Reflect.get(target, name),
  });
  const writePath = createWritePath({
    prisma: losingAnswers,
    place: PLACE_0,
    clockOffsetMs: () => 0,
    acquireTimeoutMs: PATIENT_DATABASE.acquireTimeoutMs,
    transactionTimeoutMs: PATIENT_DATABASE.statementTimeoutMs,
  });
  const ctx = contextOn({ ...test.store, ...writePath });
  await customer(ctx, 'unread');
  await grant(ctx, 'unread');
  await trackMessage(ctx, 'unread');
  losing = true;
  const calls = [
    trackMessage(ctx, 'unread'),
    trackMessage(ctx, 'unread'),
    trackMessage(ctx, 'unread'),
  ];
  const results = await Promise.allSettled(calls);
  losing = false;
  for (const result of results) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'OUTCOME_UNKNOWN' } });
  }
  expect(await eventsOf('unread')).toBe(1 + 3);
});

it('an item that the database refuses does not affect the others of its batch', async () => {
  // The sequence counts the attempts, because it is not rolled back.
  for (const statement of [
    'CREATE SEQUENCE poisoned',
    `CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.properties ? 'poison' THEN
        PERFORM nextval('poisoned');
        RAISE EXCEPTION 'poison' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$`,
    `CREATE TRIGGER poison BEFORE INSERT ON events
      FOR EACH ROW EXECUTE FUNCTION refuse_poison()`,
  ]) {
    await database.prisma.$executeRawUnsafe(statement);
  }
  const ctx = contextOn(test.store);
  const ids = ['first', 'second', 'third'];
  for (const id of ids) {
    await customer(ctx, id);
    await grant(ctx, id);
    await trackMessage(ctx, id);
  }
  const good = ids.flatMap((id) => Array.from({ length: 10 }, () => trackMessage(ctx, id)));
  const poisoned = { properties: { poison: true }, idempotencyKey: 'poison' };
  const poison = trackMessage(ctx, 'second', poisoned);
  const more = ids.map((id) => trackMessage(ctx, id));
  await expect(poison).rejects.toThrow('poison');
  for (const answer of await Promise.all([...good, ...more])) expect(answer.ok).toBe(true);
  for (const id of ids) expect(await eventsOf(id)).toBe(12);
  const tries = await database.prisma.$queryRaw`SELECT last_value::int AS count FROM poisoned`;
  expect(tries).toEqual([{ count: 2 }]);
  // The attempts have left no trace, so the key can be used again.
  const mended = await trackMessage(ctx, 'second', { idempotencyKey: 'poison' });
  expect(mended).toMatchObject({ ok: true, value: { replayed: false } });
});

it('an entity that did not exist when its deletion was requested is not deleted', async () => {
  const ctx = contextOn(test.store);
  await customer(ctx, 'busy');
  const seat = { customerId: 'busy', entity: { id: 'seat', name: null, metadata: {} } };
  // The entity is created after the deletion has looked it up.
  const entity: Store['entity'] = async (scope, id) => {
    const found = await test.store.entity(scope, id);
    await createEntity(ctx, seat);
    return found;
  };
  const crossed = { ...ctx, store: { ...test.store, entity } };
  const answer = await deleteEntity(crossed, { customerId: 'busy', entityId: 'seat' });
  expect(answer).toMatchObject({ ok: false, refusal: { code: 'ENTITY_NOT_FOUND' } });
  const scope = customerScope(test.projectId, 'busy');
  expect(await test.store.entity(scope, 'seat')).toMatchObject({ id: 'seat' });
});
