/** The statements that a batch takes: as many for a thousand items as for a few. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { type BatchItem, codeOf, trackAll } from '../support/client/batches.js';
import { type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { type ReservationVerb, settleAll } from '../support/client/reservations.js';
import { createDatabaseOn, createTemplate } from '../support/database/databases.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';

/** One lane, so that a batch is not split by customers. */
const OPTIONS = { lanes: 1, poolMax: 4 };

const CUSTOMERS = 100;

let postgres: TestPostgres;
let databaseUrl: string;
const gateways: LocalGateway[] = [];

beforeAll(async () => {
  // A separate server, because statements of other tests must not be counted.
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

function itemsOf(count: number, customers: number): BatchItem[] {
  batches += 1;
  const ids = customerIds(customers);
  return Array.from({ length: count }, (_, index) => ({
    customerId: ids[index % customers] ?? '',
    featureId: 'messages',
    idempotencyKey: `${batches} ${index}`,
  }));
}

/** The statements that every transaction begins with: see src/store/settings.ts. */
const PIN = /^(SET transaction_isolation|SELECT pg_catalog.num_nulls)/;

/** The first words of the statements that the server ran meanwhile, apart from those. */
async function statementsDuring(work: () => Promise<readonly string[]>): Promise<string[]> {
  const before = (await postgres.log()).length;
  expect(new Set(await work())).toEqual(new Set(['ACCEPTED']));
  const log = (await postgres.log()).slice(before);
  return [...log.matchAll(/LOG: {2}(?:statement|execute [^:]*): +(?:\/\*.*?\*\/ )?(\w.*)/g)]
    .filter(([, statement = '']) => !PIN.test(statement))
    .map(([, statement = '']) => statement.split(/\W/)[0] ?? '');
}

function statementsOf(client: Client, inputs: readonly BatchItem[]): Promise<string[]> {
  return statementsDuring(async () => (await trackAll(client, inputs)).map(codeOf));
}

it('a batch of cached customers takes one statement, however many there are', async () => {
  const client = await newGateway();
  await trackAll(client, itemsOf(CUSTOMERS, CUSTOMERS));
  const one = await statementsOf(client, itemsOf(1, 1));
  expect(one).toEqual(['WITH']);
  expect(await statementsOf(client, itemsOf(500, 1))).toEqual(one);
  expect(await statementsOf(client, itemsOf(500, CUSTOMERS))).toEqual(one);
  // A lane takes 500 at a time.
  expect(await statementsOf(client, itemsOf(1_000, CUSTOMERS))).toEqual([...one, ...one]);
});

it('a batch of customers that are not cached takes a few statements, however many there are', async () => {
  const statements = async (count: number, customers: number) => {
    const client = await newGateway();
    // From here on, the clock, the catalogue, the caller's key and one customer are cached.
    await trackAll(client, [{ customerId: `c${CUSTOMERS - 1}`, featureId: 'messages' }]);
    return statementsOf(client, itemsOf(count, customers));
  };
  const few = await statements(2, 2);
  expect(few.filter((word) => word === 'BEGIN')).toEqual([]);
  expect(few.length).toBeLessThan(6);
  expect(await statements(500, CUSTOMERS - 1)).toEqual(few);
});

describe('batches about reservations', () => {
  /** The statements of a batch of each verb, about as many reservations of this many customers. */
  async function statementsOfEach(client: Client, count: number, customers: number) {
    const reservations = itemsOf(count, customers).map(
      ({ customerId, idempotencyKey: reservationId }) => ({ customerId, reservationId }),
    );
    const taking = (verb: ReservationVerb, inputs: readonly Record<string, unknown>[]) =>
      statementsDuring(async () =>
        (await settleAll(client, verb, inputs)).map(({ code = 'ACCEPTED' }) => code),
      );
    const half = reservations.length / 2;
    const keyed = reservations.map((one) => ({
      ...one,
      idempotencyKey: `of ${one.reservationId}`,
    }));
    const reserves = reservations.map((one) => ({ ...one, featureId: 'messages' }));
    const captures = keyed.slice(0, half);
    return {
      reserveBalance: await taking('reserveBalance', reserves),
      extendReservation: await taking('extendReservation', reservations),
      captureReservation: await taking('captureReservation', captures),
      releaseReservation: await taking('releaseReservation', keyed.slice(half)),
      // What has ended is looked up, and so are the answers that were given before.
      again: await taking('captureReservation', captures),
    };
  }

  it('take one statement each for cached customers, however many there are', async () => {
    const client = await newGateway();
    await trackAll(client, itemsOf(CUSTOMERS, CUSTOMERS));
    const few = await statementsOfEach(client, 2, 1);
    const { again, ...first } = few;
    expect(Object.values(first)).toEqual(Object.values(first).map(() => ['WITH']));
    expect(again.length).toBeLessThan(6);
    expect(await statementsOfEach(client, 400, 1)).toEqual(few);
    expect(await statementsOfEach(client, 400, CUSTOMERS)).toEqual(few);
  });
});
