/** The end of a gateway as its clients see it: nobody's call is cut off, and everybody is told to go elsewhere. */
import { Agent, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGateway } from '../../src/gateway.js';
import { openRaw, rawPost } from '../support/client/raw-http.js';
import { createMeddler, HOLD_EVENTS, type Meddler } from '../support/database/meddler.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { startTollgate } from '../support/gateway/gateway-process.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let meddler: Meddler;

beforeEach(async () => {
  gateway = await startTestGateway();
  meddler = createMeddler(gateway.database.url);
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1_000 }],
  });
});
afterEach(async () => {
  await meddler.close();
  await gateway.close();
});

const TRACK = JSON.stringify({
  query:
    'mutation { trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename } }',
});
const TYPENAME = JSON.stringify({ query: '{ __typename }' });
const events = () => meddler.count('SELECT count(*)::int FROM events');
const withKey = () => ({ Authorization: `Bearer ${gateway.secret}` });

const ready = async () => {
  const response = await gateway.send({ method: 'GET', path: '/ready' });
  return [response.status, await response.text(), response.headers.get('connection')];
};

it('asks the database once for all that want to know at the same time whether it is ready', async () => {
  const letGo: (() => void)[] = [];
  const { parts } = gateway;
  const other = createGateway({
    ...parts,
    isReady: () => new Promise((resolve) => letGo.push(() => resolve(true))),
  });
  const ask = async () => (await other.fetch('http://gateway/ready')).status;
  const first = Array.from({ length: 100 }, ask);
  await expect.poll(() => letGo.length).toBe(1);
  letGo.pop()?.();
  expect(await Promise.all(first)).toEqual(first.map(() => 200));
  const second = ask();
  await expect.poll(() => letGo.length).toBe(1);
  letGo.pop()?.();
  expect(await second).toBe(200);
});

describe('once its end is announced, a gateway', () => {
  it('is not ready, and says so for as long as it listens', async () => {
    expect((await ready()).slice(0, 2)).toEqual([200, 'ready']);
    gateway.gateway.announceEnd();
    for (let time = 0; time < 3; time += 1)
      expect(await ready()).toEqual([503, 'not ready', 'close']);
    expect((await gateway.send({ method: 'GET', path: '/health' })).status).toBe(200);
  });

  it.each([
    ['an operation', { body: TYPENAME }, 200],
    ['a broken one', { body: '{' }, 400],
    ['one without a key', { body: TYPENAME, headers: { authorization: '' } }, 401],
    ['one by its address', { method: 'GET', path: '/graphql?query=%7B__typename%7D' }, 200],
    ['a page', { method: 'GET', path: '/' }, 200],
    ['an unknown path', { method: 'GET', path: '/nothing' }, 404],
  ])('answers %s, and closes the connection', async (_what, sent, status) => {
    const before = await gateway.send(sent);
    expect([before.status, before.headers.get('connection')]).toEqual([status, 'keep-alive']);
    gateway.gateway.announceEnd();
    const after = await gateway.send(sent);
    expect([after.status, after.headers.get('connection')]).toEqual([status, 'close']);
    expect(await after.text()).toBe(await before.text());
  });

  it('closes the connection of a call that was in flight, with its answer', async () => {
    const letGo = await meddler.hold(HOLD_EVENTS);
    const connection = openRaw(gateway.origin);
    connection.write(rawPost(TRACK, withKey()));
    await meddler.someoneWaits();
    gateway.gateway.announceEnd();
    await letGo();
    const answer = await connection.closed();
    expect(answer).toContain('TrackBalancePayload');
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
  });

  it('answers all calls of a pipelining client that it has begun, and then closes', async () => {
    const letGo = await meddler.hold(HOLD_EVENTS);
    const connection = openRaw(gateway.origin);
    connection.write(rawPost(TRACK, withKey()));
    await meddler.someoneWaits();
    connection.write(rawPost(TYPENAME, withKey()));
    gateway.gateway.announceEnd();
    connection.write(rawPost(TRACK, withKey()));
    connection.write(rawPost(TYPENAME, withKey()));
    await letGo();
    const answer = await connection.closed();
    const closing = answer.match(/\r\nConnection: close\r\n/gi) ?? [];
    const calls = answer.match(/HTTP\/1\.1 200 /g) ?? [];
    const tracked = answer.match(/TrackBalancePayload/g) ?? [];
    // The close stands in the last answer, and whatever was carried out was answered.
    expect(closing).toHaveLength(1);
    expect(answer.lastIndexOf('HTTP/1.1')).toBeLessThan(
      answer.search(/\r\nConnection: close\r\n/i),
    );
    expect(calls.length).toBeGreaterThanOrEqual(2);
    expect(tracked).toHaveLength(await events());
  });
});

const CONNECTIONS = 64;

interface Crowd {
  /** Calls that were answered, and how each of the others ended. */
  readonly answered: number;
  /** Answers that told them to go elsewhere. */
  readonly told: number;
  readonly failures: ReadonlySet<string>;
}

interface Crowded {
  readonly origin: string;
  readonly secret: string;
  readonly onCall: () => void;
  /** Whether they call again once an answer has told them to go elsewhere. */
  readonly comeBack: boolean;
}

/** Clients with connections that are kept alive, each of which calls until it is told to go, or nobody listens any more. */
function crowd({ origin, secret, onCall, comeBack }: Crowded): Promise<Crowd> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const failures = new Set<string>();
  let [answered, told] = [0, 0];
  const call = () =>
    new Promise<boolean>((resolve) => {
      const sent = request(
        `${origin}/graphql`,
        {
          agent,
          method: 'POST',
          headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        },
        (response) => {
          response.resume();
          response.on('end', () => {
            const isTold = response.headers.connection === 'close';
            answered += 1;
            told += Number(isTold);
            onCall();
            resolve(comeBack || !isTold);
          });
        },
      );
      sent.on('error', (error) => {
        failures.add('code' in error ? String(error.code) : error.message);
        resolve(false);
      });
      sent.end(TRACK);
    });
  const client = async () => {
    while (await call());
  };
  return Promise.all(Array.from({ length: CONNECTIONS }, client)).then(() => {
    agent.destroy();
    return { answered, told, failures };
  });
}

/** A process that is told to end while all of them call. */
async function endUnder({ comeBack }: Pick<Crowded, 'comeBack'>): Promise<Crowd> {
  const { origin, stop } = await startTollgate({
    DATABASE_URL: gateway.database.url,
    SHUTDOWN_GRACE_MS: '6000',
  });
  let calls = 0;
  let ended: Promise<number | null> | undefined;
  const onCall = () => {
    calls += 1;
    if (calls === 2 * CONNECTIONS) ended = stop();
  };
  const found = await crowd({ origin, secret: gateway.secret, onCall, comeBack });
  expect(await ended).toBe(0);
  expect(await events()).toBe(found.answered);
  return found;
}

describe(`${CONNECTIONS} clients under load, when the process is told to end,`, () => {
  it('see no connection reset if they go elsewhere once they are told, and lose no call', async () => {
    const { told, failures } = await endUnder({ comeBack: false });
    expect([...failures]).toEqual([]);
    expect(told).toBe(CONNECTIONS);
  });

  // The system resets connections that nobody has accepted yet when the port is closed: no call of these was read.
  it('lose no call if they come back for as long as anybody listens', async () => {
    const { told, failures } = await endUnder({ comeBack: true });
    expect(told).toBeGreaterThan(CONNECTIONS);
    expect(['ECONNREFUSED', 'ECONNRESET']).toEqual(expect.arrayContaining([...failures]));
  });
});
