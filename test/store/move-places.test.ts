/** `npm run move` of customers who are divided into places: each row gets to the same place. */
import { afterAll, expect, it } from 'vitest';
import { placeOf } from '../../src/domain/place.js';
import { customerScope } from '../../src/meter/customer-key.js';
import type { DatabaseAddress } from '../../src/store/database.js';
import { migrate } from '../../src/store/migrate.js';
import { moveDatabase } from '../../src/store/move/move.js';
import { placesOf } from '../../src/store/placed.js';
import { oneOff } from '../support/cases/case.js';
import { createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { withClient } from '../support/database/connections.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';
import { damagesIn } from '../support/database/embedded-backup.js';
import { ODD } from '../support/database/moves.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';

const PLACES = 4;

// It does not matter to a move whether its source is an embedded database.
const source = await createEmptyDatabase();
const target = await createEmptyDatabase();
const other = await createEmptyDatabase();

afterAll(async () => {
  await Promise.all([source.drop(), target.drop(), other.drop()]);
});

const addressOf = ({ url }: TestDatabase) => ({ connectionString: url });

const said: string[] = [];

const between = (from: DatabaseAddress, to: TestDatabase, places = PLACES) =>
  moveDatabase({
    source: from,
    target: addressOf(to),
    from: 'the database of this test',
    places,
    connectTimeoutMs: 10_000,
    say: (sentence) => said.push(sentence),
    onRows: () => undefined,
    onCommit: () => undefined,
    onRollback: () => undefined,
    wasCommitted: false,
  });

/** A customer in each place, with usage; returns their ids. */
async function prepare({ origin, secret, store }: LocalGateway): Promise<string[]> {
  const client = createClient(origin, secret);
  const { project } = await store.projects.ensure('test');
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  const customers: string[] = [];
  for (let n = 0; customers.length < PLACES; n += 1) {
    const place = placeOf(customerScope(project.id, `c${n}`).customerKey, PLACES);
    if (place === customers.length) customers.push(`c${n}`);
  }
  for (const customer of customers) {
    await operations.createCustomer(client, customer);
    await operations.grant(client, customer, oneOff('messages', 100));
    expect(operations.wasTracked(await operations.track(client, customer, ODD))).toBe(true);
  }
  return customers;
}

it('the target has the places of the source, and clients go on there', async () => {
  await migrate({ address: addressOf(source), connectTimeoutMs: 10_000, places: PLACES });
  const former = await startLocalGateway(addressOf(source), { places: PLACES });
  const { secret } = former;
  const customers = await prepare(former);
  await former.close();
  // As retention keeps a month that it lets go, with DROP_DETACHED=off.
  await withClient(source.url, (client) =>
    client.query('CREATE TABLE place_2.let_go_events_first (id int)'),
  );
  const moved = await between(addressOf(source), target);
  expect(said).toContain(
    'Months that were let go are not moved, and stay where they are: place_2.let_go_events_first.',
  );
  expect(moved).toEqual({ rows: expect.any(Number), wasThere: false });
  const counts = await withClient(target.url, async (client) => {
    const found: number[] = [];
    for (const place of placesOf(PLACES)) {
      const { rows } = await client.query(`SELECT count(*)::int FROM ${place}.events`);
      found.push(rows[0].count);
    }
    return found;
  });
  expect(counts).toEqual(customers.map(() => 1));

  const gateway = await startLocalGateway(addressOf(target), { places: PLACES });
  const client = createClient(gateway.origin, secret);
  for (const customer of customers) {
    expect(await operations.track(client, customer, ODD)).toMatchObject({ replayed: true });
  }
  expect(await damagesIn(gateway)).toEqual([]);
  await gateway.close();
});

it('what was moved is found again, and a difference in any place', async () => {
  const copy = await createEmptyDatabase();
  expect(await between(addressOf(target), copy)).toMatchObject({ wasThere: false });
  expect(await between(addressOf(target), copy)).toMatchObject({ wasThere: true });
  await withClient(copy.url, (client) =>
    client.query('UPDATE place_3.balances SET priority = priority + 1'),
  );
  await expect(between(addressOf(target), copy)).rejects.toThrow(
    / place_1\.customers, .* have rows\. Give an empty database/,
  );
  await copy.drop();
});

it('a move keeps the number of places, and a target that has another one is left as it is', async () => {
  await expect(between(addressOf(target), other, 8)).rejects.toThrow(
    'What is to be moved has its customers in 4 places, and PLACES is 8. A move keeps their number. Set PLACES=4, for the',
  );
  const address = addressOf(other);
  await migrate({ address, connectTimeoutMs: 10_000, places: 2 });
  await expect(between(addressOf(target), other)).rejects.toThrow(
    'The target is made for customers in 2 places, and what is to be moved has them in 4 places. Give',
  );
  await migrate({ address, connectTimeoutMs: 10_000, places: 2 });
});
