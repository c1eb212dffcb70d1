/** The size of calls, and the work that they take, count towards their batch: many large ones are split into several. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { units } from '../../src/domain/quantity.js';
import { createCustomer } from '../../src/meter/customer.js';
import { createFeature } from '../../src/meter/feature.js';
import { reserveBalance } from '../../src/meter/reserve-balance.js';
import { captureReservation } from '../../src/meter/settle-reservation.js';
import { createStore, type TestStore } from '../support/database/store.js';
import {
  grantMessages,
  trackMessage,
  verbContext,
  watched,
} from '../support/meter/verb-context.js';

let test: TestStore;

beforeAll(async () => {
  test = await createStore();
});
afterAll(() => test.close());

it.each([
  ['that are small', 10, 1],
  ['with 60 KB of properties each', 60_000, 2],
])('a hundred calls %s take the expected number of commits', async (_what, bytes, commits) => {
  let committed = 0;
  const store = watched(test.store, (name) => {
    if (name === 'commit') committed += 1;
  });
  const ctx = verbContext(store, test.projectId);
  const [name, type] = ['Messages', 'CONSUMABLE'] as const;
  await createFeature(ctx, { id: 'messages', name, type, eventNames: [], creditCosts: [] });
  await createCustomer(ctx, { id: 'c', name: null, email: null, metadata: {} });
  const properties = { note: 'x'.repeat(bytes) };
  const calls = Array.from({ length: 100 }, () => trackMessage(ctx, 'c', { properties }));
  for (const answer of await Promise.all(calls)) expect(answer.ok).toBe(true);
  expect(committed).toBe(commits);
});

it.each([
  ['one feature', 1, 1],
  ['thirty features', 30, 4],
])(
  'an event name that charges %s counts that often towards its batch',
  async (_what, features, commits) => {
    let committed = 0;
    const store = watched(test.store, (name) => {
      if (name === 'commit') committed += 1;
    });
    const project = await test.store.projects.ensure(`event name of ${features}`);
    const ctx = verbContext(store, project.project.id);
    for (let n = 0; n < features; n += 1) {
      const id = n === 0 ? 'messages' : `feature-${n}`;
      await createFeature(ctx, {
        id,
        name: id,
        type: 'CONSUMABLE',
        eventNames: ['sent'],
        creditCosts: [],
      });
    }
    await createCustomer(ctx, { id: 'c', name: null, email: null, metadata: {} });
    for (let n = 0; n < 100; n += 1) await grantMessages(ctx, 'c');
    const call = () => trackMessage(ctx, 'c', { featureId: null, eventName: 'sent' });
    await call();
    committed = 0;
    // With a hundred balances, each counts as 5 or 121 of the 500 items of a batch.
    const calls = Array.from({ length: 16 }, call);
    for (const answer of await Promise.all(calls)) expect(answer.ok).toBe(true);
    expect(committed).toBe(commits);

    // So does a capture, of which it is not known before what it charges.
    const which = { customerId: 'c', overageBehavior: 'CAP', properties: null } as const;
    const ids = calls.map((_, n) => `held-${n}`);
    const reserving = ids.map((reservationId) =>
      reserveBalance(ctx, {
        ...{ ...which, reservationId, entityId: null, featureId: null, eventName: 'sent' },
        ...{ value: units(1), expiry: { afterMs: 60_000 } },
      }),
    );
    for (const answer of await Promise.all(reserving)) expect(answer.ok).toBe(true);
    committed = 0;
    const capturing = ids.map((reservationId) =>
      captureReservation(ctx, {
        ...which,
        ...{ reservationId, value: units(2), final: true, idempotencyKey: null },
      }),
    );
    for (const answer of await Promise.all(capturing)) expect(answer.ok).toBe(true);
    expect(committed).toBe(commits);
  },
);
