/** A failover to a standby that had not received the last commits: what is decided afterwards rests on what it has. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { units } from '../../src/domain/quantity.js';
import { createCustomer } from '../../src/meter/customer.js';
import { createFeature, updateFeature } from '../../src/meter/feature.js';
import type { VerbContext } from '../../src/meter/verb.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { grantMessages, trackMessage, verbContext } from '../support/meter/verb-context.js';

let test: TestStore;

beforeAll(async () => {
  test = await createStore();
});

afterAll(() => test.close());

const TABLES = ['projects', 'features', 'customers', 'balances', 'ledger_entries', 'events'];

/** Runs the work, and then everything is as it was before, as on a standby that has not heard of it. */
async function losing(work: () => Promise<unknown>): Promise<void> {
  const client = await connect(test.database.url);
  try {
    // Neither append-only tables nor foreign keys refuse the way back.
    await client.query('SET session_replication_role = replica');
    for (const table of TABLES) await client.query(`CREATE TABLE ${table}_kept AS TABLE ${table}`);
    await work();
    for (const table of TABLES) {
      await client.query(`DELETE FROM ${table}`);
      await client.query(`INSERT INTO ${table} TABLE ${table}_kept`);
      await client.query(`DROP TABLE ${table}_kept`);
    }
  } finally {
    await client.end();
  }
}

const draft = { name: 'Messages', type: 'CONSUMABLE', eventNames: [], creditCosts: [] } as const;

it('a gateway whose last commit was lost decides on what others have committed since', async () => {
  const [one, other] = [0, 1].map(() => verbContext(test.store, test.projectId));
  if (one === undefined || other === undefined) throw new Error('two gateways');
  await createFeature(one, { id: 'messages', ...draft });
  await createCustomer(one, { id: 'ada', name: null, email: null, metadata: {} });
  await grantMessages(one, 'ada');
  await trackMessage(one, 'ada');
  await losing(() => trackMessage(one, 'ada', { value: units(40) }));

  await trackMessage(other, 'ada', { value: units(5) });
  const tracked = await trackMessage(one, 'ada');

  expect(tracked).toMatchObject({ ok: true, value: { balance: { usage: units(7) } } });
  for await (const { damages } of test.store.audit.pages(test.projectId)) {
    expect(damages).toEqual([]);
  }
});

it('nor does it decide on a catalogue that was lost', async () => {
  const [one, other] = [0, 1].map(() => verbContext(test.store, test.projectId));
  if (one === undefined || other === undefined) throw new Error('two gateways');
  const rename = (ctx: VerbContext, eventName: string) =>
    updateFeature(ctx, { featureId: 'seats', changes: { eventNames: [eventName] } });
  const track = (customerId: string, eventName: string) =>
    trackMessage(one, customerId, { featureId: null, eventName });
  await createFeature(one, { id: 'seats', ...draft, eventNames: ['first'] });
  for (const id of ['bob', 'carl']) {
    await createCustomer(one, { id, name: null, email: null, metadata: {} });
    await track(id, 'first');
  }
  await losing(async () => {
    await rename(one, 'lost');
    expect(await track('carl', 'lost')).toMatchObject({ ok: true });
  });

  await rename(other, 'kept');

  expect(await track('bob', 'lost')).toMatchObject({
    ok: false,
    refusal: { code: 'EVENT_NAME_NOT_FOUND' },
  });
});
