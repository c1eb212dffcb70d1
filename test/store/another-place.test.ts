/**
 * Customers in a schema other than `public` (docs/adr/0070-places.md). There are no tables of customers in `public`, so a statement that
 * is not made for the place fails.
 */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { customerScope } from '../../src/meter/customer-key.js';
import { CUSTOMER_TABLES } from '../../src/store/customer-tables.js';
import { DUE_SOURCES, DUE_START } from '../../src/store/sweeps.js';
import { watchStatements } from '../support/database/sent-statements.js';
import { everyCall } from '../support/gateway/every-call.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

const TABLES = CUSTOMER_TABLES.join('|');

let sent: ReadonlySet<string>;
let gateway: TestGateway;

beforeAll(async () => {
  sent = watchStatements(new RegExp(`\\b(${TABLES})\\b`));
  gateway = await startTestGateway({ place: 'place_3' });
});

afterAll(async () => {
  vi.restoreAllMocks();
  await gateway.close();
});

async function all<Item>(pages: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(page);
  return items;
}

it('every call is answered', async () => {
  await everyCall(gateway);
  const [sums] = await gateway.sql(`SELECT
    (SELECT count(*)::int FROM place_3.events) > 0 AS events, to_regclass('public.events') AS others`);
  expect(sums).toEqual({ events: true, others: null });
});

it('what runs besides calls works as well', async () => {
  const { store, projectId } = gateway;
  const scope = customerScope(projectId, 'doomed');
  expect(await store.tokenSecrets.isDeleted(scope)).toBe(true);
  expect(await store.eraseCustomer(scope)).toMatchObject({ complete: true });
  expect(await store.entity(customerScope(projectId, 'ann'), 'seat')).toMatchObject({ id: 'seat' });
  for (const source of DUE_SOURCES) {
    expect(await store.sweeps.due(source, DUE_START, 10)).toMatchObject({ customers: [] });
  }
  expect(await store.audit.count(projectId)).toBeGreaterThan(0);
  expect((await all(store.audit.pages(null))).flatMap(({ damages }) => damages)).toEqual([]);
  const { keys, properties, reservationProperties } = store.prune;
  for (const prune of [reservationProperties, properties, keys]) {
    for (const dryRun of [true, false]) {
      const seen = await all<object>(prune({ olderThanDays: 0, projectId: null, dryRun }));
      expect(seen.length).toBeGreaterThan(0);
    }
  }
});

it('no statement names a table of customers without its schema, or with another', () => {
  const others = new RegExp(
    `\\b(FROM|JOIN|INTO|UPDATE)\\s+(${TABLES})\\b|\\bpublic\\.(${TABLES})\\b`,
  );
  expect([...sent].filter((text) => others.test(text))).toEqual([]);
  expect(sent.size).toBeGreaterThan(40);
});
