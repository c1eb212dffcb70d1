/** A gateway that shuts down, as its clients see it: no call is cut off, and every client gets `Connection: close`. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGateway } from '../../src/gateway.js';
import { openRaw, rawPost } from '../support/client/raw-http.js';
import {
  HOLD_EVENTS,
  type OtherSessions,
  openOtherSessions,
} from '../support/database/other-sessions.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let otherSessions: OtherSessions;

beforeEach(async () => {
  gateway = await startTestGateway();
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

const TRACK = JSON.stringify({
  query:
    'mutation { trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename } }',
});
const TYPENAME = JSON.stringify({ query: '{ __typename }' });
const events = () => otherSessions.count('SELECT count(*)::int FROM events');
const withKey = () => ({ Authorization: `Bearer ${gateway.secret}` });

const ready = async () => {
  const response = await gateway.send({ method: 'GET', path: '/ready' });
  return [response.status, await response.text(), response.headers.get('connection')];
};

it('concurrent readiness checks query the database once', async () => {
  const pings: (() => void)[] = [];
  const { parts } = gateway;
  const other = createGateway({
    ...parts,
    isReady: () => new Promise((resolve) => pings.push(() => resolve(true))),
  });
  const ask = async () => (await other.fetch('http://gateway/ready')).status;
  const first = Array.from({ length: 100 }, ask);
  await expect.poll(() => pings.length).toBe(1);
  pings.pop()?.();
  expect(await Promise.all(first)).toEqual(first.map(() => 200));
  const second = ask();
  await expect.poll(() => pings.length).toBe(1);
  pings.pop()?.();
  expect(await second).toBe(200);
});

describe('once its shutdown is announced, a gateway', () => {
  it('reports that it is not ready for as long as it listens', async () => {
    expect((await ready()).slice(0, 2)).toEqual([200, 'ready']);
    gateway.gateway.announceEnd();
    for (let time = 0; time < 3; time += 1)
      expect(await ready()).toEqual([503, 'not ready', 'keep-alive']);
    gateway.gateway.sendAway();
    for (let time = 0; time < 3; time += 1)
      expect(await ready()).toEqual([503, 'not ready', 'close']);
    expect((await gateway.send({ method: 'GET', path: '/health' })).status).toBe(200);
  });

  it.each([
    ['an operation', { body: TYPENAME }, 200],
    ['a malformed request', { body: '{' }, 400],
    ['an operation without a key', { body: TYPENAME, headers: { authorization: '' } }, 401],
    ['an operation in the URL', { method: 'GET', path: '/graphql?query=%7B__typename%7D' }, 200],
    ['a page', { method: 'GET', path: '/' }, 200],
    ['an unknown path', { method: 'GET', path: '/nothing' }, 404],
  ])('answers %s and closes the connection', async (_what, sent, status) => {
    const before = await gateway.send(sent);
    expect([before.status, before.headers.get('connection')]).toEqual([status, 'keep-alive']);
    gateway.gateway.announceEnd();
    const between = await gateway.send(sent);
    expect([between.status, between.headers.get('connection')]).toEqual([status, 'keep-alive']);
    gateway.gateway.sendAway();
    const after = await gateway.send(sent);
    expect([after.status, after.headers.get('connection')]).toEqual([status, 'close']);
    expect(await after.text()).toBe(await before.text());
  });

  it('closes the connection of a call in flight once it is answered', async () => {
    const release = await otherSessions.hold(HOLD_EVENTS);
    const connection = openRaw(gateway.origin);
    connection.write(rawPost(TRACK, withKey()));
    await otherSessions.untilOneWaits();
    gateway.gateway.sendAway();
    await release();
    const answer = await connection.closed();
    expect(answer).toContain('TrackBalancePayload');
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
  });

  it('answers every call of a pipelining client that it has begun, then closes the connection', async () => {
    const release = await otherSessions.hold(HOLD_EVENTS);
    const connection = openRaw(gateway.origin);
    connection.write(rawPost(TRACK, withKey()));
    await otherSessions.untilOneWaits();
    connection.write(rawPost(TYPENAME, withKey()));
    gateway.gateway.sendAway();
    connection.write(rawPost(TRACK, withKey()));
    connection.write(rawPost(TYPENAME, withKey()));
    await release();
    const answer = await connection.closed();
    const closing = answer.match(/\r\nConnection: close\r\n/gi) ?? [];
    const calls = answer.match(/HTTP\/1\.1 200 /g) ?? [];
    const tracked = answer.match(/TrackBalancePayload/g) ?? [];
    // Only the last answer announces the close, and every call that was executed was answered.
    expect(closing).toHaveLength(1);
    expect(answer.lastIndexOf('HTTP/1.1')).toBeLessThan(
      answer.search(/\r\nConnection: close\r\n/i),
    );
    expect(calls.length).toBeGreaterThanOrEqual(2);
    expect(tracked).toHaveLength(await events());
  });
});

describe('a gateway without a network', () => {
  it('has drained once everything sent is written, and not before', async () => {
    const release = await otherSessions.hold(HOLD_EVENTS);
    const answer = gateway.gateway.fetch('http://gateway/graphql', {
      method: 'POST',
      headers: { ...withKey(), 'content-type': 'application/json' },
      body: TRACK,
    });
    await otherSessions.untilOneWaits();
    let isDrained = false;
    const drained = gateway.gateway.drain().then(() => {
      isDrained = true;
    });
    // A round trip, to give it time to drain.
    await otherSessions.count('SELECT 1 AS count');
    expect(isDrained).toBe(false);
    await release();
    await drained;
    expect(await events()).toBe(1);
    expect((await answer).status).toBe(200);
  });
});
