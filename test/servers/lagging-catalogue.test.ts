/** A change of the catalogue is acknowledged once every server has it: from then on, nothing is decided as before. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/store/servers/add-server.js';
import { oneOff } from '../support/cases/case.js';
import { CallError, type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { withClient } from '../support/database/connections.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { customerOn, SECOND } from '../support/database/two-servers.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';

let database: TestDatabase;
const gateways: LocalGateway[] = [];
/** Of customers of the home server and the second one. */
const customers: string[] = [];

async function start(limits: { statementTimeoutMs?: number } = {}): Promise<Client> {
  const gateway = await startLocalGateway({ connectionString: database.url }, limits);
  gateways.push(gateway);
  return createClient(gateway.origin, gateway.secret);
}

beforeAll(async () => {
  database = await createDatabase();
  const client = await start();
  const { rows } = await withClient(database.url, (home) =>
    home.query<{ id: string }>('SELECT id FROM public.projects'),
  );
  for (const server of ['home', 'second'] as const)
    customers.push(customerOn(server, rows[0]?.id ?? ''));
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  await operations.createFeature(client, {
    id: 'credits',
    type: 'CREDIT_SYSTEM',
    creditCosts: { messages: 1 },
  });
  for (const customerId of customers) {
    await operations.createCustomer(client, customerId);
    await operations.grant(client, customerId, oneOff('credits', 1_000));
  }
});

afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await database.drop();
});

function copying(how: 'ENABLE' | 'DISABLE') {
  return withClient(database.servers.get(SECOND) ?? '', (second) =>
    second.query(`ALTER SUBSCRIPTION ${CATALOGUE} ${how}`),
  );
}

async function setCost(client: Client, cost: number): Promise<void> {
  const document = `mutation ($input: FeaturesUpdateInput!) {
    updateFeature(input: $input) { ... on Error { code } } }`;
  const input = { featureId: 'credits', creditCosts: [{ featureId: 'messages', cost }] };
  expect(await client.run(document, { input })).toEqual({ updateFeature: {} });
}

/** What usage is decided to cost, or why it is not decided. */
async function costs(client: Client, customerId = ''): Promise<number | string> {
  try {
    const use = { featureId: 'messages', value: 1 };
    const answer = await operations.track(client, customerId, use);
    if (!operations.wasTracked(answer)) return answer.code;
    return answer.deductions.reduce((sum, { amount }) => sum + amount, 0);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return error.codes.join(' ');
  }
}

it('while a copy is behind, the change is not acknowledged, and no call is decided by it there', async () => {
  const [changes, decides, sleeps] = [await start(), await start(), await start()];
  const [atHome, onSecond] = customers;
  for (const cost of [2, 3]) {
    const before = await Promise.all(
      [changes, decides, sleeps].map((client) => costs(client, onSecond)),
    );
    expect(before).toEqual([cost - 1, cost - 1, cost - 1]);
    await copying('DISABLE');
    let isAcknowledged = false;
    const change = setCost(changes, cost).finally(() => {
      isAcknowledged = true;
    });
    await expect.poll(() => costs(decides, atHome)).toBe(cost);
    expect([cost - 1, 'WRITE_CONTENTION']).toContain(await costs(decides, onSecond));
    expect(isAcknowledged).toBe(false);
    await copying('ENABLE');
    await change;
    // One of them knows the catalogue of before, and nothing else.
    for (const client of [sleeps, decides, changes]) {
      for (const customerId of customers) expect(await costs(client, customerId)).toBe(cost);
    }
  }
});

it('of a copy that stays behind, the caller learns that the outcome is not known, and repeats the change', async () => {
  const client = await start({ statementTimeoutMs: 1_000 });
  await copying('DISABLE');
  await expect(setCost(client, 7)).rejects.toMatchObject({ codes: ['OUTCOME_UNKNOWN'] });
  await copying('ENABLE');
  await setCost(client, 7);
  for (const customerId of customers) expect(await costs(client, customerId)).toBe(7);
});
