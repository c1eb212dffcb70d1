/** A server that is down, or does not answer, concerns the customers that are on it, and no others. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { CallError, type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { withClient } from '../support/database/connections.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { setServers } from '../support/database/servers.js';
import { customerOn, SECOND } from '../support/database/two-servers.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';
import { startProxy, type Proxy as TcpProxy } from '../support/postgres/tcp-proxy.js';

let database: TestDatabase;
let proxy: TcpProxy;
let gateway: LocalGateway;
let client: Client;
let atHome: string;
let onSecond: string;

/** Of the second server. */
let port: number;

beforeAll(async () => {
  database = await createDatabase();
  const second = new URL(database.servers.get(SECOND) ?? '');
  port = Number(second.port);
  proxy = await startProxy(port);
  second.port = String(proxy.port);
  setServers(database.url, new Map([[SECOND, second.href]]));
  const limits = { acquireTimeoutMs: 1_000, statementTimeoutMs: 4_000 };
  gateway = await startLocalGateway({ connectionString: database.url }, limits);
  client = createClient(gateway.origin, gateway.secret);
  const { rows } = await withClient(database.url, (home) =>
    home.query<{ id: string }>('SELECT id FROM public.projects'),
  );
  [atHome, onSecond] = (['home', 'second'] as const).map((server) =>
    customerOn(server, rows[0]?.id ?? ''),
  ) as [string, string];
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  for (const customerId of [atHome, onSecond]) {
    await operations.createCustomer(client, customerId);
    await operations.grant(client, customerId, oneOff('messages', 1_000));
  }
});

afterAll(async () => {
  await gateway.close();
  await proxy.close();
  await database.drop();
});

/** It is back, and what was not answered is repeated. */
afterEach(async () => {
  await proxy.close();
  proxy = await startProxy(port, proxy.port);
  await expect.poll(() => track(onSecond, 'again')).toBe(true);
});

/** True, or the code of the error. */
async function track(customerId: string, idempotencyKey?: string): Promise<unknown> {
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  const use = { featureId: 'messages', value: 1, ...key };
  return operations
    .track(client, customerId, use)
    .then(operations.wasTracked, (error: unknown) => codesOf(error));
}

function read(customerId: string): Promise<unknown> {
  const document =
    'query ($customerId: String!) { customer(customerId: $customerId) { customerId } }';
  return client.run(document, { customerId }).then(
    () => true,
    (error: unknown) => codesOf(error),
  );
}

function list(): Promise<unknown> {
  const document = '{ customers(first: 10) { edges { node { customerId } } } }';
  return client.run(document, {}).then(
    () => true,
    (error: unknown) => codesOf(error),
  );
}

function codesOf(error: unknown): string {
  if (!(error instanceof CallError)) throw error;
  return error.codes.join(' ');
}

it('a server that is down: its customers are told so, and lists of all, and others are served', async () => {
  await proxy.close();
  // What was about to be sent may have arrived.
  const cut = new Set(await Promise.all([track(onSecond, 'again'), read(onSecond)]));
  expect(['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN']).toEqual(expect.arrayContaining([...cut]));
  expect(await Promise.all([track(onSecond, 'again'), read(onSecond), list()])).toEqual([
    'DATABASE_UNAVAILABLE',
    'DATABASE_UNAVAILABLE',
    'DATABASE_UNAVAILABLE',
  ]);
  expect(await Promise.all([track(atHome), read(atHome)])).toEqual([true, true]);
});

it('a server that does not answer: calls and reads of others go on meanwhile, more than wait for it', async () => {
  proxy.hang();
  let answered = 0;
  const waiting = Array.from({ length: 20 }, async (_, n) => {
    const codes = await (n % 2 === 0 ? track(onSecond, 'again') : read(onSecond));
    answered += 1;
    return codes;
  });
  for (let n = 0; n < 5; n += 1) {
    expect(await Promise.all([track(atHome), read(atHome)])).toEqual([true, true]);
  }
  expect(answered).toBe(0);
  const codes = new Set(await Promise.all(waiting));
  codes.delete(true);
  expect(['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN']).toEqual(expect.arrayContaining([...codes]));
});
