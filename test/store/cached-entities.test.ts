/** Which of a customer's entities a gateway caches, and that it never uses them once they are stale. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createCustomer } from '../../src/meter/customer.js';
import { createEntity, deleteEntity } from '../../src/meter/entity.js';
import { createFeature } from '../../src/meter/feature.js';
import type { VerbContext } from '../../src/meter/verb.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import {
  grantMessages,
  trackMessage,
  verbContext,
  watched,
} from '../support/meter/verb-context.js';

const SEATS = Array.from({ length: 10 }, (_, index) => `seat-${index}`);

let test: TestStore;
let elsewhere: VerbContext;
/** The calls of the write path since it was last emptied. */
let calls: string[] = [];
let customers = 0;

beforeAll(async () => {
  test = await createStore();
  elsewhere = verbContext(test.store, test.projectId);
  await createFeature(elsewhere, {
    id: 'messages',
    name: 'Messages',
    type: 'CONSUMABLE',
    eventNames: [],
    creditCosts: [],
  });
});

afterAll(() => test.close());

beforeEach(() => {
  calls = [];
});

async function newCustomer(): Promise<string> {
  customers += 1;
  const customerId = `c${customers}`;
  await createCustomer(elsewhere, { id: customerId, name: null, email: null, metadata: {} });
  for (const id of SEATS) await newSeat(elsewhere, customerId, id);
  await grantMessages(elsewhere, customerId);
  return customerId;
}

function newSeat(ctx: VerbContext, customerId: string, id: string) {
  return createEntity(ctx, { customerId, entity: { id, name: null, metadata: {} } });
}

const gateway = () =>
  verbContext(
    watched(test.store, (name) => calls.push(name)),
    test.projectId,
  );

/** The result and the calls of one usage event per entity. */
async function callsOf(ctx: VerbContext, customerId: string, entityIds: readonly string[]) {
  const made: string[][] = [];
  for (const entityId of entityIds) {
    calls = [];
    const result = await trackMessage(ctx, customerId, { entityId });
    made.push([result.ok ? 'ok' : result.refusal.code, ...calls]);
  }
  return made;
}

const all = (...call: string[]) => SEATS.map(() => call);

it('calls for several entities of a customer in turn take one statement each, as for one entity', async () => {
  const customerId = await newCustomer();
  const ctx = gateway();
  const [first, ...others] = await callsOf(ctx, customerId, SEATS);
  expect(first).toEqual(['ok', 'catalog', 'load', 'commit']);
  expect(others).toEqual(all('ok', 'load', 'commit').slice(1));
  expect(await callsOf(ctx, customerId, SEATS)).toEqual(all('ok', 'commit'));
  expect(await callsOf(ctx, customerId, SEATS.toReversed())).toEqual(all('ok', 'commit'));
});

it('the entities of a batch are read together, and those already cached are kept', async () => {
  const customerId = await newCustomer();
  const ctx = gateway();
  await trackMessage(ctx, customerId, { entityId: 'seat-0' });
  calls = [];
  await Promise.all(SEATS.map((entityId) => trackMessage(ctx, customerId, { entityId })));
  expect(calls).toEqual(['load', 'commit']);
  calls = [];
  await Promise.all(SEATS.map((entityId) => trackMessage(ctx, customerId, { entityId })));
  expect(calls).toEqual(['commit']);
});

it('creating or deleting an entity keeps the others cached', async () => {
  const customerId = await newCustomer();
  const ctx = gateway();
  await callsOf(ctx, customerId, SEATS);
  await newSeat(ctx, customerId, 'seat-new');
  expect(await callsOf(ctx, customerId, [...SEATS, 'seat-new'])).toEqual([
    ...all('ok', 'commit'),
    ['ok', 'commit'],
  ]);
  await deleteEntity(ctx, { customerId, entityId: 'seat-0' });
  expect(await callsOf(ctx, customerId, ['seat-1', 'seat-0'])).toEqual([
    ['ok', 'commit'],
    ['ENTITY_NOT_FOUND', 'commit'],
  ]);
});

it('deleting an entity does not end its balances that have ended', async () => {
  const customerId = await newCustomer();
  const expiresAt = Date.now() + 3_600_000;
  await grantMessages(elsewhere, customerId, 'seat-0', { expiresAt });
  test.setClockOffset(7_200_000);
  await deleteEntity(elsewhere, { customerId, entityId: 'seat-0' });
  test.setClockOffset(0);
  const client = await connect(test.database.url);
  const { rows } = await client.query(
    `SELECT kind, amount::float8, b.expired_at = b.expires_at AS timely FROM balances AS b
      JOIN ledger_entries AS l ON l.customer_key = b.customer_key AND l.balance_id = b.id
      WHERE b.entity_id = 'seat-0' AND b.expires_at IS NOT NULL ORDER BY l.seq`,
  );
  await client.end();
  expect(rows.map(({ kind, timely }) => [kind, timely])).toEqual([
    ['GRANT', true],
    ['EXPIRE', true],
  ]);
});

it('an entity that does not exist is read once', async () => {
  const customerId = await newCustomer();
  const ctx = gateway();
  await trackMessage(ctx, customerId);
  expect(await callsOf(ctx, customerId, ['nobody', 'nobody', 'nobody'])).toEqual([
    ['ENTITY_NOT_FOUND', 'load', 'commit'],
    ['ENTITY_NOT_FOUND', 'commit'],
    ['ENTITY_NOT_FOUND', 'commit'],
  ]);
});

it('entities that another gateway has created are found, and those it has deleted are not', async () => {
  const customerId = await newCustomer();
  const ctx = gateway();
  await callsOf(ctx, customerId, ['seat-0', 'seat-1', 'late']);
  await newSeat(elsewhere, customerId, 'late');
  await deleteEntity(elsewhere, { customerId, entityId: 'seat-1' });
  // Stale, read again, and committed.
  expect(await callsOf(ctx, customerId, ['late', 'seat-1', 'seat-0'])).toEqual([
    ['ok', 'commit', 'load', 'commit'],
    ['ENTITY_NOT_FOUND', 'load', 'commit'],
    ['ok', 'load', 'commit'],
  ]);
});
