import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOtherSessions } from '../support/database/other-sessions.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { createLog, type TestLog } from '../support/gateway/log.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let log: TestLog;

beforeAll(async () => {
  log = createLog();
  gateway = await startTestGateway({ logger: log.logger });
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'acme' }],
    balances: [],
  });
});
afterAll(() => gateway.close());

it('the log has one line per operation, with its name, duration and outcome', async () => {
  const before = log.lines().length;
  await gateway.execute('query Everybody { customers { edges { cursor } } }');
  await gateway.execute('query Misspelled { custmers { edges { cursor } } }');
  await gateway.execute('{');
  await gateway.execute('query Late { __typename }', {}, 'tg_sk_wrong');
  await gateway.execute('{ __typename }');
  const lines = log.lines().slice(before);
  const { projectId } = gateway;
  const [key] = await gateway.sql('SELECT id FROM api_keys WHERE project_id = $1', [projectId]);
  const ofKey = { projectId, keyId: key?.['id'] };
  const unknown = { operation: null, kind: null, cost: null };
  expect(lines).toEqual(
    [
      { ...ofKey, operation: 'Everybody', kind: 'query', cost: expect.any(Number), outcome: 'OK' },
      { ...ofKey, ...unknown, outcome: 'GRAPHQL_VALIDATION_FAILED' },
      { ...ofKey, ...unknown, outcome: 'GRAPHQL_PARSE_FAILED' },
      { projectId: null, keyId: null, ...unknown, outcome: 'UNAUTHENTICATED' },
      { ...ofKey, operation: null, kind: 'query', cost: 1, outcome: 'OK' },
    ].map((facts) => ({
      level: 'info',
      time: expect.any(String),
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
      ...facts,
      status: facts.outcome === 'UNAUTHENTICATED' ? 401 : 200,
      durationMs: expect.any(Number),
      msg: 'operation',
    })),
  );
  for (const { durationMs } of lines) expect(durationMs).toBeGreaterThanOrEqual(0);
});

const TRACK = `mutation Use($inputs: [BalancesTrackInput!]!) {
  trackBalances(inputs: $inputs) { __typename }
}`;

it('the line of a write names the batches that have carried it, which it shares with others', async () => {
  const track = () => {
    const inputs = [{ customerId: 'acme', featureId: 'messages' }];
    return gateway.execute(TRACK, { inputs });
  };
  await Promise.all(Array.from({ length: 20 }, track));
  const batches = log
    .lines()
    .filter(({ msg, operation }) => msg === 'operation' && operation === 'Use')
    .map((line) => line['batches']);
  expect(batches).toHaveLength(20);
  for (const ids of batches) expect(ids).toEqual([expect.stringMatching(/^[\da-f]{10}-\d+$/)]);
  const { batchSeconds } = gateway.parts.writeQueue.figures();
  const distinct = new Set(batches.flat());
  expect(distinct.size).toBeLessThanOrEqual(batchSeconds.counts.reduce((sum, n) => sum + n, 0));
  expect(distinct.size).toBeLessThan(20);
});

it('the line of a write of many items names no more than ten batches', async () => {
  const customers = Array.from({ length: 1_000 }, (_, n) => ({ customerId: `none-${n}` }));
  const inputs = customers.map((customer) => ({ ...customer, featureId: 'messages' }));
  await gateway.execute(TRACK.replace('Use', 'UseMany'), { inputs });
  const line = log
    .lines()
    .find(({ msg, operation }) => msg === 'operation' && operation === 'UseMany');
  const ids = line?.['batches'];
  expect(ids).toEqual([...new Set(ids as string[])]);
  expect(ids).toHaveProperty('length', Math.min(10, (ids as string[]).length));
});

it('the log uses the request id that a proxy has set', async () => {
  const body = { query: 'query Traced { __typename }' };
  await gateway.send({ body, headers: { 'x-request-id': 'trace-1' } });
  expect(log.lines()).toContainEqual(
    expect.objectContaining({ operation: 'Traced', requestId: 'trace-1' }),
  );
});

it.each([
  ['is too long', 'x'.repeat(129)],
  ['contains spaces', 'trace 1'],
  ['contains quotes', '"trace"'],
])('the log does not use a request id that %s', async (_what, id) => {
  const body = { query: 'query Untraced { __typename }' };
  await gateway.send({ body, headers: { 'x-request-id': id } });
  const line = log.lines().at(-1);
  expect(line).toMatchObject({
    operation: 'Untraced',
    requestId: expect.stringMatching(/^[\da-f-]{36}$/),
  });
});

it('the log truncates a long operation name', async () => {
  await gateway.execute(`query ${'Q'.repeat(200)} { __typename }`);
  expect(log.lines().at(-1)?.['operation']).toBe('Q'.repeat(100));
});

it('a slow operation is logged while it runs, with its name, project and key', async () => {
  const otherSessions = openOtherSessions(gateway.database.url);
  const release = await otherSessions.hold('LOCK TABLE customers IN ACCESS EXCLUSIVE MODE');
  const answer = gateway.execute('query Slow { customers { edges { cursor } } }');
  const slow = () =>
    log
      .lines()
      .filter(
        ({ msg, operation }) => msg === 'slow operation, still running' && operation === 'Slow',
      );
  await expect.poll(() => slow().length).toBe(1);
  const { projectId } = gateway;
  const [key] = await gateway.sql('SELECT id FROM api_keys WHERE project_id = $1', [projectId]);
  const [{ runningMs, ...facts } = {}] = slow();
  const { time: _, msg: __, ...told } = facts;
  expect(told).toEqual({
    level: 'warn',
    requestId: expect.any(String),
    operation: 'Slow',
    projectId,
    keyId: key?.['id'],
  });
  expect(runningMs).toBeGreaterThanOrEqual(1_000);
  await release();
  expect((await answer).errors).toEqual([]);
  expect(slow()).toHaveLength(1);
  await otherSessions.close();
});

it('the log contains nothing of the content of an operation', async () => {
  const canary = 'canary-7f3a';
  const document = `mutation ($email: String!, $track: BalancesTrackInput!, $bad: BalancesTrackInput!) {
    createCustomer(input: { customerId: "${canary}", email: $email, metadata: { a: "${canary}" } }) {
      __typename
    }
    good: trackBalance(input: $track) { __typename }
    bad: trackBalance(input: $bad) { __typename ... on Error { message } }
  }`;
  const track = {
    customerId: canary,
    featureId: 'messages',
    idempotencyKey: canary,
    properties: { [canary]: canary },
  };
  const bad = { ...track, entityId: canary, idempotencyKey: null };
  const variables = { email: `${canary}@example.com`, track, bad };
  const { data } = await gateway.execute(document, variables);
  expect(data).toMatchObject({ good: { __typename: 'TrackBalancePayload' } });
  await gateway.execute(document, { ...variables, email: 7 });
  await gateway.execute(`{ ${canary.replace('-', '')} }`);
  expect(log.text()).not.toContain('canary');
  expect(log.text()).not.toContain('tg_sk_');
});
