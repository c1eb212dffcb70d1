/** Every kind of request holds a place from its head to its end, whatever its client withholds. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRaw, type RawConnection, rawPost } from '../support/client/raw-http.js';
import { type OtherSessions, openOtherSessions } from '../support/database/other-sessions.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

/** One, and three times as many in a burst. */
const REQUESTS_MAX = 1;
const PLACES = 3;

let gateway: TestGateway;
let otherSessions: OtherSessions;
let connections: RawConnection[];

beforeEach(() => start(REQUESTS_MAX));

async function start(requestsInFlightMax: number): Promise<void> {
  connections = [];
  gateway = await startTestGateway({ requestsInFlightMax });
  otherSessions = openOtherSessions(gateway.database.url);
  await setUp(gateway, { features: [], customers: [{ customerId: 'acme' }], balances: [] });
}

afterEach(end);

async function end(): Promise<void> {
  for (const { socket } of connections) socket.destroy();
  await otherSessions.close();
  await gateway.close();
}

const READ = '{ customer(customerId: "acme") { customerId } }';
const WRITE = 'mutation { updateCustomer(input: { customerId: "acme" }) { __typename } }';
const BODY = JSON.stringify({ query: READ });
const withKey = () => ({ Authorization: `Bearer ${gateway.secret}` });
const byAddress = () => ({ method: 'GET', path: `/graphql?query=${encodeURIComponent(READ)}` });

/** Blocks reads of customers. */
const HOLD_CUSTOMERS = 'LOCK TABLE customers IN ACCESS EXCLUSIVE MODE';

async function answerOf(asked: Promise<Response>): Promise<unknown> {
  const response = await asked;
  const { errors } = JSON.parse(await response.text());
  return errors?.[0].extensions.code ?? response.status;
}

const answer = () => answerOf(gateway.send({ body: { query: '{ __typename }' } }));

/** Resolve once there is no room for another request, or once there is. */
const isFull = () => expect.poll(answer).toBe('OVERLOADED');
const hasRoom = () => expect.poll(answer).toBe(200);

function open(text: string): RawConnection {
  const connection = openRaw(gateway.origin);
  connections.push(connection);
  connection.write(text);
  return connection;
}

const graphql = { 'content-type': 'application/graphql' };

describe('a place is held during execution and freed afterwards by', () => {
  it.each<[string, () => Promise<Response>]>([
    ['a POST of JSON', () => gateway.send({ body: BODY })],
    ['a GET', () => gateway.send(byAddress())],
    ['a POST of GraphQL', () => gateway.send({ headers: graphql, body: READ })],
    [
      'a call without a network',
      () =>
        gateway.gateway.fetch('http://gateway/graphql', {
          method: 'POST',
          headers: { ...withKey(), 'content-type': 'application/json' },
          body: BODY,
        }),
    ],
  ])('%s', async (_kind, ask) => {
    // Reads may take three of four places, or of twelve in a burst.
    await end();
    await start(4);
    const release = await otherSessions.hold(HOLD_CUSTOMERS);
    const writes = Array.from({ length: 9 }, () => gateway.send({ body: { query: WRITE } }));
    const reads = Array.from({ length: 3 }, ask);
    await isFull();
    expect(await answerOf(ask())).toBe('OVERLOADED');
    await release();
    const answers = await Promise.all([...writes, ...reads].map(answerOf));
    expect(answers).toContain(200);
    await hasRoom();
  });
});

describe('a place is held until it disconnects by a client that', () => {
  it('sends the head of a request but withholds the body', async () => {
    for (let place = 0; place < PLACES; place += 1) {
      open(rawPost(BODY, withKey()).slice(0, -10));
    }
    await isFull();
    for (const { socket } of connections) socket.destroy();
    await hasRoom();
  });

  it('does not read the page that it requested', async () => {
    for (let place = 0; place < PLACES; place += 1) {
      const { socket } = open('GET /graphql HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n');
      socket.pause();
    }
    await isFull();
    for (const { socket } of connections) socket.destroy();
    await hasRoom();
  });

  it.each([
    ['calls', () => rawPost(BODY, withKey())],
    ['malformed calls', () => rawPost('{', withKey())],
    ['calls in the URL', () => `GET ${byAddress().path} HTTP/1.1\r\nHost: a\r\n\r\n`],
  ])(
    'pipelines %s behind one that waits, and disconnects before any is answered',
    async (_what, next) => {
      const release = await otherSessions.hold(HOLD_CUSTOMERS);
      const waiting = rawPost(JSON.stringify({ query: WRITE }), withKey());
      const { socket } = open(waiting + next().repeat(PLACES - 1));
      await isFull();
      socket.destroy();
      await release();
      await hasRoom();
    },
  );
});

it('no place is held by requests that are refused or answered, or by idle connections', async () => {
  for (let time = 0; time < 3 * PLACES; time += 1) {
    expect((await gateway.send({ body: '{' })).status).toBe(400);
    expect((await gateway.send({ body: BODY, headers: { authorization: '' } })).status).toBe(401);
    expect((await gateway.send({ method: 'GET', path: '/nothing' })).status).toBe(404);
    expect((await gateway.send({ method: 'GET', path: '/health' })).status).toBe(200);
    open('GET /nothing HTTP/1.1\r\nHost: [\r\n\r\n');
    open('');
  }
  expect(await answer()).toBe(200);
});

it('pages that browsers do not read take an eighth of the places, and calls are served', async () => {
  await end();
  await start(16);
  const page = () =>
    open('GET /graphql/ HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n').received(
      /^HTTP.1.1 \d+/,
    );
  for (let unread = 0; unread < 2; unread += 1) {
    expect(await page()).toMatch(/^HTTP.1.1 200/);
    connections.at(-1)?.socket.pause();
  }
  expect(await page()).toMatch(/^HTTP.1.1 503[\s\S]*Retry-After: 1[\s\S]*Reload in a moment/i);
  for (let call = 0; call < 20; call += 1) expect(await answer()).toBe(200);
  for (const { socket } of connections) socket.destroy();
  await expect.poll(async () => (await page()).slice(0, 12)).toBe('HTTP/1.1 200');
});
