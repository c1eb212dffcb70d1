/** The size of calls counts towards their batch: many large ones are split into statements of a limited size. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCustomer } from '../../src/meter/customer.js';
import { createFeature } from '../../src/meter/feature.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { trackMessage, verbContext, watched } from '../support/meter/verb-context.js';

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
