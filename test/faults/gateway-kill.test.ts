/**
 * Two gateways are killed in turn under load, at random moments. What callers saw is a history, which is checked:
 *
 *     npx vitest run --project faults test/faults/gateway-kill.test.ts
 */
import { expect, test } from 'vitest';
import { createDatabase } from '../support/database/database.js';
import { expectExactThroughKills } from '../support/linearizability/killed-run.js';
import { seedOf } from '../support/random/random.js';

test('after twenty kills of two gateways, every reservation is live or ended exactly once, and no amount is missing', async () => {
  const { url, drop } = await createDatabase();
  const run = { databaseUrl: url, kills: 20, seed: seedOf('gateway kills') };
  const ends = await expectExactThroughKills('twenty kills of gateways', run);
  // Each end has been seen, or this would show little.
  expect(Object.entries(ends).filter(([, count]) => count === 0)).toEqual([]);
  await drop();
});
