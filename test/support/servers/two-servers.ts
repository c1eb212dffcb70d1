/** A gateway with several places, and an empty database on a second server, to which they can be moved. */
import { inject } from 'vitest';
import { placeOf } from '../../../src/domain/place.js';
import { customerScope } from '../../../src/meter/customer-key.js';
import { CUSTOMER_TABLES } from '../../../src/store/customer-tables.js';
import type { Installation } from '../../../src/store/servers/server-sessions.js';
import { type Client, createClient } from '../client/client.js';
import * as operations from '../client/operations.js';
import { withClient } from '../database/connections.js';
import { createDatabaseOn, type TestDatabase } from '../database/databases.js';
import { startTestGateway, type TestGateway } from '../gateway/gateway.js';
import { done } from '../released/rows.js';

export const PLACES = 4;

export interface TwoServers {
  readonly gateway: TestGateway;
  readonly client: Client;
  /** What calls are about, of each place. */
  readonly customers: readonly string[];
  readonly other: TestDatabase;
  readonly installation: Installation;
  /** What commands have said. */
  readonly said: string[];
  readonly urls: { readonly home: string; readonly other: string };
  /** Whatever is in the tables of a schema, in an order of its own. */
  contents(server: 'home' | 'other', schema: string): Promise<Readonly<Record<string, unknown>>>;
  /** The schemas of places, and what is left of them. */
  schemas(server: 'home' | 'other'): Promise<string[]>;
  close(): Promise<void>;
}

export async function startTwoServers(): Promise<TwoServers> {
  const gateway = await startTestGateway({ places: PLACES });
  const other = await createDatabaseOn(inject('secondPostgresUrl'));
  const client = createClient(gateway.origin, gateway.secret);
  const customers = oneOfEach(gateway.projectId);
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  for (const customerId of customers) await fill(client, customerId);
  const urls = { home: gateway.database.url, other: other.url };
  const said: string[] = [];
  return {
    gateway,
    client,
    customers,
    other,
    said,
    urls,
    installation: {
      home: { connectionString: urls.home },
      servers: new Map([['other', { connectionString: urls.other }]]),
      places: PLACES,
      connectTimeoutMs: 20_000,
      mapKnownMs: 0,
      say: (sentence) => said.push(sentence),
    },
    contents: (server, schema) =>
      withClient(urls[server], async (connection) => {
        const tables: Record<string, unknown> = {};
        for (const table of CUSTOMER_TABLES) {
          const text = `SELECT t::text AS row FROM ${schema}.${table} AS t ORDER BY row`;
          tables[table] = (await connection.query(text)).rows.map(({ row }) => row);
        }
        return tables;
      }),
    schemas: (server) =>
      withClient(urls[server], async (connection) => {
        const { rows } = await connection.query<{ name: string }>(
          "SELECT nspname AS name FROM pg_namespace WHERE nspname ~ '^(place|left)_' ORDER BY 1",
        );
        return rows.map(({ name }) => name);
      }),
    close: async () => {
      await gateway.close();
      await other.drop();
    },
  };
}

/** A row in each of the tables. */
async function fill(client: Client, customerId: string): Promise<void> {
  const use = { customerId, featureId: 'messages' };
  await operations.createCustomer(client, customerId);
  await done(client, 'createBalance', { ...use, granted: 1_000 });
  const entity = { entityId: 'seat' };
  await client.run(
    'mutation ($input: EntitiesCreateInput!) { createEntity(input: $input) { __typename ... on Error { message } } }',
    { input: { customerId, ...entity } },
  );
  const used = { ...use, ...entity, idempotencyKey: 'once', properties: { model: 'ü\\"' } };
  await done(client, 'trackBalance', used);
  const voided = await done<{ event: { id: string } }>(client, 'trackBalance', use);
  await done(client, 'voidEvent', { eventId: voided.event.id });
  await done(client, 'reserveBalance', { ...use, value: 3, reservationId: 'held' });
}

/** A customer of each place, in their order. */
export function oneOfEach(projectId: string, prefix = 'customer', places = PLACES): string[] {
  const found = new Map<number, string>();
  for (let n = 0; found.size < places; n += 1) {
    const id = `${prefix}-${n}`;
    const number = placeOf(customerScope(projectId, id).customerKey, places);
    if (!found.has(number)) found.set(number, id);
  }
  return Array.from({ length: places }, (_, number) => found.get(number) ?? '');
}
