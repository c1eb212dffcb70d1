/** Customers in eight places of a database: docs/adr/0070-places.md. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placeOf } from '../../src/domain/place.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { CUSTOMER_TABLES } from '../../src/store/customer-tables.js';
import { migrate } from '../../src/store/migrate.js';
import { placesOf } from '../../src/store/placed.js';
import { openStore } from '../../src/store/store.js';
import { DUE_SOURCES, DUE_START, type DueCursor, type DueSource } from '../../src/store/sweeps.js';
import { type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { withClient } from '../support/database/connections.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { everyCall } from '../support/gateway/every-call.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';

const PLACES = 8;

let gateway: TestGateway;

let client: Client;
let customers: readonly string[];

beforeAll(async () => {
  gateway = await startTestGateway({ places: PLACES });
  client = createClient(gateway.origin, gateway.secret);
  customers = oneOfEach(gateway.projectId);
  await operations.createFeature(client, { id: 'due', type: 'CONSUMABLE' });
  // The last place has what is due first.
  for (const customerId of customers.toReversed()) {
    await operations.createCustomer(client, customerId);
    const reset = { interval: 'MINUTE' } as const;
    await operations.grant(client, customerId, { name: '', featureId: 'due', granted: 9, reset });
    const properties = { some: 'thing' };
    const tracked = { featureId: 'due', idempotencyKey: 'tracked', properties };
    await operations.track(client, customerId, tracked);
    await client.run(RESERVE, {
      input: {
        customerId,
        featureId: 'due',
        value: 1,
        properties,
        expiresInSeconds: 60,
        reservationId: 'held',
      },
    });
  }
});

afterAll(() => gateway.close());

const RESERVE = `mutation ($input: BalancesReserveInput!) {
  reserveBalance(input: $input) { ... on Error { code message } } }`;

/** Runs a statement with the tables of each place in turn; returns the rows of all. */
async function inEachPlace(text: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  await withClient(gateway.database.url, async (connection) => {
    for (const place of placesOf(PLACES)) {
      await connection.query(`SET search_path = ${place}, public`);
      rows.push(...(await connection.query(text)).rows);
    }
  });
  return rows;
}

const place = (number: number) => placesOf(PLACES)[number] ?? '';

/** A customer of each place, in their order. */
function oneOfEach(projectId: string, prefix = 'customer'): string[] {
  const found = new Map<number, string>();
  for (let n = 0; found.size < PLACES; n += 1) {
    const id = `${prefix}-${n}`;
    const number = placeOf(customerScope(projectId, id).customerKey, PLACES);
    if (!found.has(number)) found.set(number, id);
  }
  return Array.from({ length: PLACES }, (_, number) => found.get(number) ?? '');
}

async function all<Item>(pages: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(page);
  return items;
}

describe('what belongs to a customer', () => {
  it('is written to its place and found there by every call', async () => {
    await everyCall(gateway);
    for (const table of CUSTOMER_TABLES) {
      for (const number of placesOf(PLACES).keys()) {
        const keys = await gateway.sql(`SELECT customer_key AS key FROM ${place(number)}.${table}`);
        expect(keys.filter(({ key }) => placeOf(String(key), PLACES) !== number)).toEqual([]);
      }
    }
  });

  it('is in another place for no gateway that takes the database for one of a single place', async () => {
    const { database, projectId } = gateway;
    const store = openStore({
      address: { connectionString: database.url },
      poolMax: 2,
      readPoolMax: 2,
      ...PATIENT_DATABASE,
      clockOffsetMs: () => 0,
      onIdleError: () => undefined,
    });
    const draft = { name: null, email: null, metadata: {} };
    for (const [number, id] of oneOfEach(projectId, 'late').entries()) {
      const created = store.createCustomer(customerScope(projectId, id), { ...draft, id });
      if (number === 0) await expect(created).resolves.toMatchObject({ created: true });
      else await expect(created).rejects.toThrow('customers_place');
    }
    await store.close();
  });

  it('is audited in every place', async () => {
    const { store, projectId } = gateway;
    const damages = async () =>
      (await all(store.audit.pages(projectId))).flatMap((page) => page.damages);
    expect(await damages()).toEqual([]);
    const balances = await store.audit.count(projectId);
    await inEachPlace("UPDATE balances SET used = used + 1 WHERE feature_id = 'due'");
    expect((await damages()).map(({ customerId }) => customerId)).toEqual(customers);
    await inEachPlace("UPDATE balances SET used = used - 1 WHERE feature_id = 'due'");
    expect(await damages()).toEqual([]);
    expect(balances).toBeGreaterThanOrEqual(PLACES);
    expect(await store.audit.count(null)).toBe(balances);
  });

  it('is due in the order of all places', async () => {
    const { store } = gateway;
    gateway.setClockOffset(120_000);
    for (const source of DUE_SOURCES) {
      const rows = await inEachPlace(DUE[source]);
      const due = rows
        .map((row) => [String(row['due_at']), String(row['key'])] as const)
        .sort(([one, oneKey], [other, otherKey]) =>
          one === other ? (oneKey < otherKey ? -1 : 1) : one < other ? -1 : 1,
        );
      const found: string[] = [];
      let after: DueCursor | null = DUE_START;
      while (after !== null) {
        const page = await store.sweeps.due(source, after, 3);
        found.push(...page.customers.map(({ customerKey }) => customerKey));
        after = page.next;
      }
      // A customer is named once a page.
      const names = due.map(([, key]) => key);
      expect([...new Set(found)]).toEqual([...new Set(names)]);
      expect(names.length).toBeGreaterThanOrEqual(PLACES);
    }
    gateway.setClockOffset(0);
  });

  it('keeps a feature from being deleted, in whichever place it is', async () => {
    const { store, projectId } = gateway;
    for (const customerId of customers) {
      const featureId = `only-${customerId}`;
      await operations.createFeature(client, { id: featureId, type: 'CONSUMABLE' });
      await operations.track(client, customerId, { featureId, value: 1 });
      const deletion = await store.deleteFeature(projectId, featureId);
      expect(deletion).toEqual({ uses: ['EVENTS'] });
    }
  });

  it('is pruned in every place', async () => {
    const { store, projectId } = gateway;
    const options = { olderThanDays: -1, projectId, dryRun: false };
    const { keys, properties, reservationProperties } = store.prune;
    expect(await inEachPlace(OLD)).toHaveLength(3 * PLACES);
    for (const prune of [keys, properties, reservationProperties])
      await all<object>(prune(options));
    expect(await inEachPlace(OLD)).toEqual([]);
  });
});

const DUE: Readonly<Record<DueSource, string>> = {
  BALANCES: `SELECT next_reset_at::text AS due_at, customer_key AS key FROM balances
    WHERE expired_at IS NULL AND next_reset_at < now() + interval '2 minutes'`,
  RESERVATIONS: `SELECT expires_at::text AS due_at, customer_key AS key FROM reservations
    WHERE ended_how IS NULL AND expires_at < now() + interval '2 minutes'`,
};

/** What pruning takes from a customer. */
const OLD = `SELECT key FROM idempotency_keys WHERE key = 'tracked'
  UNION ALL SELECT properties::text FROM events WHERE feature_id = 'due' AND properties IS NOT NULL
  UNION ALL SELECT properties::text FROM reservations WHERE properties IS NOT NULL AND feature_id = 'due'`;

describe('the number of places', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(1);
  });
  afterAll(() => database.drop());

  const start = (places?: number) =>
    migrate({
      address: { connectionString: database.url },
      connectTimeoutMs: 10_000,
      ...(places !== undefined && { places }),
    });
  const sql = (text: string) => withClient(database.url, (connection) => connection.query(text));

  it('cannot be changed once there are customers', async () => {
    await sql(`INSERT INTO projects (id, name) VALUES ('01890f2c-0000-7000-8000-000000000000', 'p');
      INSERT INTO customers (customer_key, project_id, id)
        VALUES (gen_random_uuid(), '01890f2c-0000-7000-8000-000000000000', 'c')`);
    await expect(start(4)).rejects.toThrow(
      'The database has customers, all in one place, and PLACES is 4. They can be divided only while there are none. ' +
        'Remove PLACES, or give an empty database.',
    );
    expect((await sql("SELECT FROM pg_namespace WHERE nspname ~ '^place'")).rowCount).toBe(0);
    await sql('DELETE FROM customers');
  });

  it('is the same for all that start at once, and from then on', async () => {
    const started = await Promise.allSettled([4, 4, 2].map((places) => start(places)));
    const [first, second] = [4, 2].map(
      (places) =>
        started.filter(({ status }, n) => status === 'fulfilled' && (places === 4) === n < 2)
          .length,
    );
    expect([first, second]).toEqual(first === 0 ? [0, 1] : [2, 0]);
    const recorded = first === 0 ? 2 : 4;
    await start(recorded);
    for (const other of [undefined, 1, 8]) {
      await expect(start(other)).rejects.toThrow(
        `The database has ${recorded} places, and PLACES is ${other ?? 1}. The number cannot be changed. Set PLACES=${recorded}.`,
      );
    }
  });
});
