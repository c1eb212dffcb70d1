/** What the program itself prints: nothing secret, whatever it is sent, and no waiting for what reads it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compiledFile } from '../support/compiled/compiled-file.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { openOtherSessions } from '../support/database/other-sessions.js';
import { createProject } from '../support/database/project.js';
import { startTollgate } from '../support/gateway/gateway-process.js';

let database: TestDatabase;
let secret: string;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** In what nothing of it may be printed, by itself, as an e-mail address and as what looks like a name. */
const CANARY = 'canary7f3a';
const EMAIL = `${CANARY}@example.com`;
const KEY = `tg_sk_${CANARY}AbCdEfGhIjKlMnOpQrStUv`;
const TOKEN = `eyJhbGciOiJIUzI1NiJ9.${CANARY}.c2ln`;

const CALL = `mutation Planted($customer: CustomersCreateInput!, $track: BalancesTrackInput!) {
  createCustomer(input: $customer) { __typename }
  trackBalance(input: $track) { __typename }
}`;

const TRACK = {
  customerId: CANARY,
  featureId: 'messages',
  entityId: null,
  idempotencyKey: EMAIL,
  properties: { [CANARY]: KEY, password: CANARY, email: EMAIL },
};
const CUSTOMER = { customerId: CANARY, name: CANARY, email: EMAIL, metadata: { [KEY]: TOKEN } };
const variables = { customer: CUSTOMER, track: TRACK };

it('nothing prints a secret, an e-mail address, properties, or what callers have chosen', async () => {
  const tollgate = await startTollgate({ DATABASE_URL: database.url, LOG_LEVEL: 'trace' });
  secret = await createProject(database.url);
  const others = openOtherSessions(database.url);
  const send = async (
    body: unknown,
    headers: Record<string, string> = {},
    path = '/graphql',
    method = 'POST',
  ) => {
    const response = await fetch(`${tollgate.origin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        ...headers,
      },
      ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    await response.text();
    return response.status;
  };
  const planted = { query: CALL, variables };
  await send({
    query:
      'mutation { createFeature(input: { featureId: "messages", name: "M", type: CONSUMABLE }) { __typename } }',
  });
  expect(await send(planted)).toBe(200);
  const document = `query Q { customer(customerId: "${EMAIL}") { ${CANARY} } }`;
  const named = `query ${KEY} { __typename }`;
  for (const header of ['x-request-id', 'user-agent', 'cookie', 'referer', 'traceparent']) {
    for (const text of [KEY, EMAIL, TOKEN]) await send(planted, { [header]: text });
  }
  for (const body of [{ query: document }, { query: named }, `{"${EMAIL}": `, KEY]) {
    expect(await send(body)).toBeLessThan(500);
  }
  expect(await send(planted, { authorization: `Bearer ${KEY}` })).toBe(401);
  expect(await send(planted, { 'tollgate-customer-token': TOKEN })).toBeLessThan(500);
  expect(await send(planted, { 'idempotency-key': `"${KEY}"` })).toBe(200);
  const query = `?query=${encodeURIComponent(document)}&key=${KEY}`;
  expect(await send('', {}, `/graphql${query}`, 'GET')).toBeLessThan(500);
  expect(await send('', {}, `/${KEY}${query}`, 'GET')).toBe(404);
  // PostgreSQL quotes the row that it refuses, and the value that it cannot read.
  await others.count(
    `ALTER TABLE customers ADD CONSTRAINT planted CHECK (name <> '${CANARY}') NOT VALID`,
  );
  await others.count('ALTER TABLE events ADD CONSTRAINT planted CHECK (value <> 1) NOT VALID');
  const another = { ...CUSTOMER, customerId: `${CANARY}2` };
  const failing = { customer: another, track: { ...TRACK, idempotencyKey: KEY } };
  await send({ query: CALL, variables: failing });
  const tracking =
    'mutation ($track: BalancesTrackInput!) { trackBalance(input: $track) { __typename } }';
  expect(await send({ query: tracking, variables: failing })).toBe(500);
  await others.close();
  await tollgate.said(/"unexpected error"/);
  expect(await tollgate.stop()).toBe(0);
  const output = tollgate.output();
  expect(output).toContain('"operation":"Planted"');
  expect(output).toContain('"level":"error"');
  const password = new URL(database.url).password;
  const wrong = [CANARY, 'example.com', secret, 'tg_sk_', 'eyJ', ...(password ? [password] : [])];
  expect(wrong.filter((text) => output.includes(text))).toEqual([]);
});

/** The program with a stderr that nothing reads until it is told to. */
async function startUnread() {
  const child = spawn(process.execPath, [compiledFile('src/main.ts')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      PORT: '0',
      DRAIN_DELAY_MS: '0',
      LOG_OPERATIONS_PER_SECOND: '100000',
    },
  });
  const { stdout, stderr } = child;
  let welcome = '';
  let log = '';
  const origin = await new Promise<string>((resolve, reject) => {
    stdout.on('data', (text) => {
      welcome += text;
      const [, found] = /listens on (\S+)\/graphql/.exec(welcome) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(welcome)));
  });
  return {
    origin,
    read: () =>
      stderr.on('data', (text) => {
        log += text;
      }),
    log: () => log,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = await ended;
      return code;
    },
  };
}

/** Refused before anything is done, so that a busy machine answers all of them alike. */
const REFUSED = {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-request-id': 'x'.repeat(128) },
  body: '{}',
};

it('calls are answered although nothing reads the log, and lines that were dropped are counted', async () => {
  const tollgate = await startUnread();
  const call = async () => {
    const response = await fetch(`${tollgate.origin}/graphql`, REFUSED);
    await response.text();
    return response.status;
  };
  // More than the pipe and the memory for lines can hold.
  const calls = 6_000;
  for (let n = 0; n < calls; n += 50) {
    const statuses = await Promise.all(Array.from({ length: 50 }, call));
    expect(new Set(statuses)).toEqual(new Set([401]));
  }
  tollgate.read();
  await expect.poll(tollgate.log, { timeout: 20_000 }).toMatch(/Log lines were dropped/);
  expect(await call()).toBe(401);
  const lines = tollgate
    .log()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { times = 1 } = lines.find(({ msg }) => msg.startsWith('Log lines were dropped'));
  const logged = lines.filter(({ msg }) => msg === 'operation');
  expect(logged.length).toBeGreaterThan(1_000);
  expect(logged.length + times).toBeLessThanOrEqual(calls + 1);
  expect(logged.length + times).toBeGreaterThanOrEqual(calls);
  expect(await tollgate.stop()).toBe(0);
});

it('the program ends although nothing reads the log', async () => {
  const tollgate = await startUnread();
  expect(await tollgate.stop()).toBe(0);
});
