/** What a batch costs in statements: as many for a thousand uses as for a few. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { codeOf, trackAll, type Use } from '../support/client/batches.js';
import { type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { createDatabaseOn, createTemplate } from '../support/database/databases.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';

/** One lane, so that a batch of the client's is not cut by customers. */
const OPTIONS = { lanes: 1, poolMax: 4 };

const CUSTOMERS = 100;

let postgres: TestPostgres;
let databaseUrl: string;
const gateways: LocalGateway[] = [];

beforeAll(async () => {
  // A server of its own, because what others have it do must not be counted.
  postgres = await startPostgres({ own: true, settings: { log_statement: 'all' } });
  const template = await createTemplate(postgres.url);
  databaseUrl = (await createDatabaseOn(postgres.url, template.name)).url;
  const client = await newGateway();
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  await Promise.all(
    customerIds(CUSTOMERS).map(async (customerId) => {
      await operations.createCustomer(client, customerId);
      await operations.grant(client, customerId, oneOff('messages', 10_000));
    }),
  );
});

afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await postgres.stop();
});

const customerIds = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);

/** A gateway that has cached nothing yet. */
async function newGateway(): Promise<Client> {
  const gateway = await startLocalGateway({ connectionString: databaseUrl }, OPTIONS);
  gateways.push(gateway);
  return createClient(gateway.origin, gateway.secret);
}

let batches = 0;

function uses(count: number, customers: number): Use[] {
  batches += 1;
  const ids = customerIds(customers);
  return Array.from({ length: count }, (_, index) => ({
    customerId: ids[index % customers] ?? '',
    featureId: 'messages',
    idempotencyKey: `${batches} ${index}`,
  }));
}

/** What every transaction begins with: see src/store/settings.ts. */
const PIN = /^(SHOW transaction_isolation|SET TRANSACTION|SELECT pg_catalog.num_nulls)/;

/** The statements that the server ran meanwhile but for those, each by its first word. */
async function statementsOf(client: Client, inputs: readonly Use[]): Promise<string[]> {
  const before = (await postgres.log()).length;
  const answers = await trackAll(client, inputs);
  expect(new Set(answers.map(codeOf))).toEqual(new Set(['ACCEPTED']));
  const log = (await postgres.log()).slice(before);
  return [...log.matchAll(/LOG: {2}(?:statement|execute [^:]*): +(?:\/\*.*?\*\/ )?(\w.*)/g)]
    .filter(([, statement = '']) => !PIN.test(statement))
    .map(([, statement = '']) => statement.split(/\W/)[0] ?? '');
}

it('of customers that are cached is one statement, however many there are', async () => {
  const client = await newGateway();
  await trackAll(client, uses(CUSTOMERS, CUSTOMERS));
  const one = await statementsOf(client, uses(1, 1));
  expect(one).toEqual(['WITH']);
  expect(await statementsOf(client, uses(500, 1))).toEqual(one);
  expect(await statementsOf(client, uses(500, CUSTOMERS))).toEqual(one);
  // A lane takes 500 at a time.
  expect(await statementsOf(client, uses(1_000, CUSTOMERS))).toEqual([...one, ...one]);
});

it('of customers not met before is read and committed, however many there are', async () => {
  const statements = async (count: number, customers: number) => {
    const client = await newGateway();
    // The clock, the catalogue and the caller's key are known from here on, and one customer.
    await trackAll(client, [{ customerId: `c${CUSTOMERS - 1}`, featureId: 'messages' }]);
    return statementsOf(client, uses(count, customers));
  };
  const few = await statements(2, 2);
  expect(few.filter((word) => word === 'BEGIN')).toEqual([]);
  expect(few.length).toBeLessThan(6);
  expect(await statements(500, CUSTOMERS - 1)).toEqual(few);
});
