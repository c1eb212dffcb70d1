/** A gateway that executes as many requests as it may: what others get, and that no request keeps its place for good. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { executeOperation } from '../../src/http/execute.js';
import { RECEIVING_BYTES_MAX } from '../../src/http/receiving.js';
import { openRaw, rawPost } from '../support/client/raw-http.js';
import {
  HOLD_EVENTS,
  type OtherSessions,
  openOtherSessions,
} from '../support/database/other-sessions.js';
import { isThroughFetch } from '../support/gateway/adapter.js';
import { startTestGateway, type TestGateway, type TestResult } from '../support/gateway/gateway.js';
import { type NodeOnly, startNodeOnly } from '../support/gateway/node-only.js';
import { setUp } from '../support/gateway/set-up.js';

/** Three, and three times as many in a burst. */
const REQUESTS_MAX = 3;
const PLACES = 9;

const BODY_BYTES_MAX = 64 * 1024 * 1024;
/** How many bodies of the largest size one project may send at once. A body without a length counts as one of these. */
const BODIES_MAX = RECEIVING_BYTES_MAX / 2 / BODY_BYTES_MAX;

const TRACK = `mutation ($customerId: String! = "acme") {
  trackBalance(input: { customerId: $customerId, featureId: "messages" }) { __typename }
}`;
const READ = '{ customer(customerId: "acme") { customerId } }';

let gateway: TestGateway;
let otherSessions: OtherSessions;

beforeEach(async () => {
  gateway = await startTestGateway({
    requestsInFlightMax: REQUESTS_MAX,
    bodyBytesMax: BODY_BYTES_MAX,
  });
  otherSessions = openOtherSessions(gateway.database.url);
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1_000 }],
  });
});
afterEach(async () => {
  await otherSessions.close();
  await gateway.close();
});

const codeOf = ({ errors }: TestResult) => errors[0]?.extensions['code'];

/** Fills every place with a call that waits for the database. */
async function fill() {
  const release = await otherSessions.hold(HOLD_EVENTS);
  const calls = [gateway.execute(TRACK)];
  await otherSessions.untilOneWaits();
  for (let place = 1; place < PLACES; place += 1) calls.push(gateway.execute(TRACK));
  await expect.poll(async () => codeOf(await gateway.execute(READ))).toBe('OVERLOADED');
  return { release, calls };
}

/** The head of a POST whose body has no length; a Content-Type has to follow. */
const rawHead = (secret: string) =>
  `POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${secret}\r\nTransfer-Encoding: chunked\r\n`;

const chunked = (body: string) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;

async function placesAreFree() {
  const answers = await Promise.all(
    Array.from({ length: REQUESTS_MAX }, () => gateway.execute(TRACK)),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
}

const events = () => otherSessions.count('SELECT count(*)::int FROM events');

it('a full gateway refuses every further request, writes nothing for it, and answers those it has accepted', async () => {
  const { release, calls } = await fill();
  const refused = await Promise.all([
    gateway.send({ body: { query: TRACK } }),
    gateway.send({ body: { query: READ } }),
    gateway.send({
      body: { query: READ },
      headers: { accept: 'application/graphql-response+json' },
    }),
    gateway.send({ method: 'GET', path: `/graphql?query=${encodeURIComponent(READ)}` }),
    gateway.send({ body: 'no JSON' }),
  ]);
  for (const response of refused) {
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    const { data, errors } = JSON.parse(await response.text());
    expect(data).toBeUndefined();
    expect(errors).toEqual([
      {
        message: expect.stringContaining('Nothing was written'),
        extensions: { code: 'OVERLOADED', retryable: true, requestId: expect.any(String) },
      },
    ]);
  }
  expect(refused.map(({ headers }) => headers.get('content-type'))).toEqual([
    'application/json; charset=utf-8',
    'application/json; charset=utf-8',
    'application/graphql-response+json; charset=utf-8',
    'application/json; charset=utf-8',
    'application/json; charset=utf-8',
  ]);
  await release();
  for (const call of calls) {
    expect(await call).toEqual({
      status: 200,
      data: { trackBalance: { __typename: 'TrackBalancePayload' } },
      errors: [],
    });
  }
  expect(await events()).toBe(PLACES);
  await placesAreFree();
});

it('a full gateway still answers health and readiness checks', async () => {
  const { release, calls } = await fill();
  for (const path of ['/health', '/ready', '/ready?from=probe']) {
    expect((await gateway.send({ method: 'GET', path })).status).toBe(200);
  }
  expect((await gateway.send({ method: 'GET', path: '/readymade' })).status).toBe(503);
  await release();
  await Promise.all(calls);
});

it.skipIf(isThroughFetch)(
  'a full gateway refuses a request before its body has arrived, and serves the next one on the connection',
  async () => {
    const { release, calls } = await fill();
    const { hostname, port } = new URL(gateway.origin);
    const socket = connect(Number(port), hostname);
    socket.setEncoding('utf8');
    const body = JSON.stringify({ query: READ });
    const head = [
      'POST /graphql HTTP/1.1',
      `Host: ${hostname}`,
      `Authorization: Bearer ${gateway.secret}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      '\r\n',
    ].join('\r\n');
    socket.write(head);
    const [refusal] = await once(socket, 'data');
    expect(refusal).toContain('HTTP/1.1 503');
    await release();
    await Promise.all(calls);
    socket.write(body + head + body);
    const [answer] = await once(socket, 'data');
    expect(answer).toContain('HTTP/1.1 200');
    expect(answer).toContain('"customerId":"acme"');
    socket.destroy();
  },
);

it('a slow body occupies no place, and is read when it arrives', async () => {
  const body = JSON.stringify({ query: TRACK });
  const [begin, rest] = [body.slice(0, 20), body.slice(20)];
  const headers = { Authorization: `Bearer ${gateway.secret}`, Expect: '100-continue' };
  const slow = Array.from({ length: PLACES }, () => openRaw(gateway.origin));
  for (const client of slow) client.write(rawPost(body, headers).replace(body, begin));
  for (const client of slow) await client.received(/100 Continue/);
  const read = () => gateway.execute(READ);
  // The slow requests took all places at first.
  const statuses = async () =>
    (await Promise.all(Array.from({ length: REQUESTS_MAX }, read))).map(({ status }) => status);
  await expect
    .poll(statuses, { timeout: 10_000 })
    .toEqual(Array.from({ length: REQUESTS_MAX }, () => 200));
  for (const client of slow) client.write(rest);
  for (const client of slow) {
    expect(await client.received(/"__typename":"TrackBalancePayload"/)).toContain('HTTP/1.1 200');
    client.socket.destroy();
  }
  await placesAreFree();
});

it('the memory reserved for a body is freed if the body is not read', async () => {
  const client = openRaw(gateway.origin);
  const head = rawHead(gateway.secret);
  for (let count = 1; count <= BODIES_MAX; count += 1) {
    client.write(`${head}Content-Type: text/plain\r\n\r\n${chunked(READ)}`);
    await client.received(new RegExp(`(HTTP/1.1 415[^]*){${count}}`));
  }
  client.write(`${head}Content-Type: application/graphql\r\n\r\n${chunked(READ)}`);
  expect(await client.received(/HTTP\/1.1 (200|503)/)).toContain('HTTP/1.1 200');
  client.socket.destroy();
});

it('the memory reserved for a body is freed if its client disconnects while the key is checked', async () => {
  const checks: (() => void)[] = [];
  const { parts } = gateway;
  const server = await startNodeOnly({
    ...parts,
    authenticate: (secret) =>
      new Promise((resolve) => checks.push(() => resolve(parts.authenticate(secret)))),
  });
  const head = `${rawHead(gateway.secret)}Content-Type: application/json\r\n\r\n`;
  for (let count = 1; count <= BODIES_MAX; count += 1) {
    const client = openRaw(server.origin);
    client.write(head);
    await expect.poll(() => checks.length).toBe(count);
    client.socket.destroy();
  }
  await expect.poll(() => server.over()).toBe(BODIES_MAX);
  for (const check of checks.splice(0)) check();
  const client = openRaw(server.origin);
  client.write(`${head}${chunked(JSON.stringify({ query: READ }))}`);
  await expect.poll(() => checks.length).toBe(1);
  for (const check of checks) check();
  expect(await client.received(/HTTP\/1.1 \d+/)).toContain('HTTP/1.1 200');
  client.socket.destroy();
  await server.close();
});

it('a place is freed however a request ends', async () => {
  const left = new AbortController();
  const release = await otherSessions.hold(HOLD_EVENTS);
  const gone = fetch(`${gateway.origin}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: TRACK }),
    signal: left.signal,
  });
  await otherSessions.untilOneWaits();
  left.abort();
  await expect(gone).rejects.toThrow();
  await release();
  for (let time = 0; time < PLACES; time += 1) {
    await gateway.execute('{ nothing }');
    await gateway.execute(TRACK, { customerId: 7 });
    await gateway.execute(TRACK, { customerId: 'nobody' });
    await gateway.execute('{ node(id: "?") { id } }');
    await gateway.execute(TRACK, {}, 'tg_sk_wrong');
  }
  await placesAreFree();
});

describe('while the queue of', () => {
  const SCHEMA = '{ __schema { queryType { name } } }';
  let runs: number;
  let server: NodeOnly;

  afterEach(() => server.close());

  async function start(full: 'writes' | 'reads'): Promise<void> {
    runs = 0;
    const { parts } = gateway;
    const { writeQueue, readQueue } = parts;
    const execute: typeof executeOperation = (args) => {
      runs += 1;
      return executeOperation(args);
    };
    const queues = {
      writeQueue: { ...writeQueue, isOverloaded: () => full === 'writes' },
      readQueue: {
        largeReads: readQueue.largeReads,
        read: readQueue.read.bind(readQueue),
        share: readQueue.share.bind(readQueue),
        isOverloaded: () => full === 'reads',
        figures: () => readQueue.figures(),
      },
    };
    server = await startNodeOnly({ ...parts, ...queues }, execute);
  }

  const post = (query: string) =>
    fetch(`${server.origin}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });

  it.each([
    ['writes', 'mutations', TRACK, 'OVERLOADED'],
    ['reads', 'queries', READ, 'READS_OVERLOADED'],
  ] as const)('%s is full, %s are refused before they run', async (full, _what, query, code) => {
    await start(full);
    const response = await post(query);
    expect([response.status, runs]).toEqual([503, 0]);
    expect(JSON.parse(await response.text())).toMatchObject({
      errors: [{ extensions: { code, retryable: true } }],
    });
  });

  it.each([
    ['writes', 'queries', READ],
    ['writes', 'introspection queries', SCHEMA],
    ['reads', 'mutations', TRACK],
    ['reads', 'introspection queries', SCHEMA],
  ] as const)('%s is full, %s are answered', async (full, _what, query) => {
    await start(full);
    expect([(await post(query)).status, runs]).toEqual([200, 1]);
  });
});
