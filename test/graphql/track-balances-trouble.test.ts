/** What is answered if the database or the gateway cannot take every item of a batch. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { REASONS_MAX } from '../../src/http/request-log.js';
import { oneOff } from '../support/cases/case.js';
import {
  type BatchItem,
  codeOf,
  type Item,
  trackAll,
  trackEach,
} from '../support/client/batches.js';
import { type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import {
  HOLD_CUSTOMER,
  HOLD_EVENTS,
  type OtherSessions,
  openOtherSessions,
} from '../support/database/other-sessions.js';
import { damagesOf } from '../support/database/project.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';
import { createLog, type TestLog } from '../support/gateway/log.js';
import type { GatewayLimits } from '../support/gateway/open-gateway.js';

let database: TestDatabase;
let otherSessions: OtherSessions;
let gateway: LocalGateway;
let client: Client;
let log: TestLog;

beforeEach(async () => {
  database = await createDatabase();
  otherSessions = openOtherSessions(database.url);
  log = createLog();
});

afterEach(async () => {
  await otherSessions.close();
  await gateway.close();
  expect(await damagesOf({ connectionString: database.url })).toEqual([]);
  await database.drop();
});

async function start(options: Partial<GatewayLimits>, customerIds: readonly string[]) {
  gateway = await startLocalGateway({ connectionString: database.url }, options, log.logger);
  client = createClient(gateway.origin, gateway.secret);
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  for (const customerId of customerIds) {
    await operations.createCustomer(client, customerId);
    await operations.grant(client, customerId, oneOff('messages', 10_000));
  }
  // From here on the customers are cached, and the gateway decides without reading first.
  await trackAll(client, itemsOf(customerIds, customerIds.length, 'first'));
}

/** This many usage events of the customers in turn, each with its own key. */
function itemsOf(customerIds: readonly string[], count: number, key: string): BatchItem[] {
  return Array.from({ length: count }, (_, index) => ({
    customerId: customerIds[index % customerIds.length] ?? '',
    featureId: 'messages',
    idempotencyKey: `${key} ${index}`,
  }));
}

const eventsIn = () => otherSessions.count('SELECT count(*)::int FROM events');

/** The number of items per code. */
function tally(items: readonly Item[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of items.map(codeOf)) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** The line of the last operation, and what else was logged under its id. */
function logged() {
  const lines = log.lines().filter(({ msg }) => msg !== 'slow operation, still running');
  const last = lines.at(-1);
  return lines.filter(({ requestId }) => requestId === last?.['requestId']);
}

it('an item that the database refuses is null with an error, and the others are recorded', async () => {
  await start({}, ['ada', 'ben', 'cleo']);
  await otherSessions.count('ALTER TABLE events ADD CONSTRAINT lucky CHECK (value <> 13)');
  const inputs = itemsOf(['ada', 'ben', 'cleo'], 30, 'k').map((item, index) => ({
    ...item,
    value: index === 10 || index === 21 ? 13 : 1,
  }));
  const { status, items } = await trackEach(client, inputs);
  expect(items.map(codeOf)).toEqual(
    inputs.map(({ value }) => (value === 13 ? 'INTERNAL_SERVER_ERROR' : 'ACCEPTED')),
  );
  // On a 500, a client would send all of them again.
  expect(status).toBe(200);
  expect(await eventsIn()).toBe(3 + 28);
  expect(await otherSessions.count('SELECT sum(used)::int AS count FROM balances')).toBe(3 + 28);
  // The second of these errors says the same as the first.
  expect(logged()).toMatchObject([
    { level: 'error' },
    { level: 'info', outcome: 'INTERNAL_SERVER_ERROR', errors: 2 },
    { level: 'error' },
  ]);
});

it.each([
  ['as many as the limit', REASONS_MAX, []],
  ['one more than the limit', REASONS_MAX + 1, [{ level: 'error', reasons: REASONS_MAX + 1 }]],
])('the log gives a limited number of reasons why items failed: %s', async (_what, count, more) => {
  await start({}, ['ada']);
  await otherSessions.count('ALTER TABLE events ADD CONSTRAINT lucky CHECK (value <> 13)');
  // Each fails with its own error, because each is tried by itself.
  await trackEach(
    client,
    itemsOf(['ada'], count, 'k').map((item) => ({ ...item, value: 13 })),
  );
  const err = expect.objectContaining({ message: expect.stringContaining('lucky') });
  const reasons = logged().filter((line) => 'err' in line);
  // They say the same, so all but the first are counted.
  expect(reasons).toMatchObject([{ err }, { err, times: REASONS_MAX - 1 }]);
  const others = logged().filter((line) => !('err' in line));
  expect(others).toMatchObject([...more, { level: 'info', errors: count }]);
});

it('a partial answer is a 200, for every media type and form of request', async () => {
  await start({}, ['ada', 'ben']);
  await otherSessions.count('ALTER TABLE events ADD CONSTRAINT lucky CHECK (value <> 13)');
  const [good, bad] = itemsOf(['ada', 'ben'], 2, 'k');
  const [query, variables] = batchOf([
    { ...good, customerId: 'ada' },
    { ...bad, ...UNLUCKY },
  ]);
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    for (const extensions of [undefined, {}]) {
      const response = await post({ query, variables, extensions }, accept);
      const { data, errors } = JSON.parse(await response.text());
      expect(response.status).toBe(200);
      expect(response.headers.get('retry-after')).toBeNull();
      expect(data.trackBalances).toEqual([{ __typename: 'TrackBalancePayload' }, null]);
      expect(errors).toEqual([
        {
          message: 'Unexpected error.',
          path: ['trackBalances', 1],
          locations: [expect.anything()],
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
        },
      ]);
    }
  }
});

const UNLUCKY = { customerId: 'ben', value: 13 };

function post(body: object, accept: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${gateway.origin}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${gateway.secret}`,
      'content-type': 'application/json',
      accept,
    },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}

it('an error below an item comes from a read: the usage event itself was recorded', async () => {
  await start({}, ['ada', 'ben']);
  await otherSessions.count('ALTER TABLE customers RENAME COLUMN email TO mail');
  const query = `mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) {
    ... on TrackBalancePayload { replayed customer { createdAt } } ... on Error { code }
  } }`;
  const inputs = [
    ...itemsOf(['ada', 'ben'], 2, 'k'),
    { customerId: 'nobody', featureId: 'messages' },
  ];
  const response = await post({ query, variables: { inputs } }, 'application/json');
  const { data, errors } = JSON.parse(await response.text());
  expect(data.trackBalances).toEqual([null, null, { code: 'CUSTOMER_NOT_FOUND' }]);
  expect(errors).toMatchObject([
    { path: ['trackBalances', 0, 'customer', 'createdAt'] },
    { path: ['trackBalances', 1, 'customer', 'createdAt'] },
  ]);
  expect(await eventsIn()).toBe(2 + 2);
  await otherSessions.count('ALTER TABLE customers RENAME COLUMN mail TO email');
  const answers = await trackAll(client, inputs.slice(0, 2));
  expect(answers.map(({ replayed }) => replayed)).toEqual([true, true]);
});

it('a full queue refuses only the items that it has no room for', async () => {
  // One project can fill nine tenths of the queue.
  await start({ lanes: 2, queueItemsMax: 277 }, ['ada', 'ben', 'cleo']);
  const inputs = itemsOf(['ada', 'ben', 'cleo'], 1_000, 'k');
  const { status, items } = await trackEach(client, inputs);
  expect(status).toBe(200);
  expect(tally(items)).toEqual({ ACCEPTED: 250, OVERLOADED: 750 });
  expect(items.slice(0, 250).every((item) => codeOf(item) === 'ACCEPTED')).toBe(true);
  expect(await eventsIn()).toBe(3 + 250);
  // All these errors are one line, besides the line of the operation.
  expect(logged()).toMatchObject([
    { level: 'warn', code: 'OVERLOADED', times: 750 },
    { level: 'info', operation: 'TrackAll', outcome: 'OVERLOADED', errors: 750 },
  ]);

  let left = inputs.filter((_, index) => codeOf(items[index] ?? { failed: '' }) === 'OVERLOADED');
  for (let round = 1; left.length > 0; round += 1) {
    const again = await trackEach(client, left);
    expect(tally(again.items)).toMatchObject({ ACCEPTED: 250 });
    left = left.slice(250);
    expect(await eventsIn()).toBe(3 + 250 * (round + 1));
  }
});

it('if no item could be accepted, the whole request is a 503', async () => {
  await start({ lanes: 1, queueItemsMax: 5 }, ['ada']);
  const release = await otherSessions.hold(HOLD_EVENTS);
  const first = trackAll(client, itemsOf(['ada'], 5, 'first in line'));
  await otherSessions.untilOneWaits();
  for (const count of [3, 100]) {
    await expect(client.run(...batchOf(itemsOf(['ada'], count, 'k')))).rejects.toMatchObject({
      status: 503,
      codes: ['OVERLOADED'],
      retryable: true,
      retryAfter: '1',
    });
  }
  await release();
  expect(tally(await first)).toEqual({ ACCEPTED: 5 });
  expect(await eventsIn()).toBe(1 + 5);
});

function batchOf(inputs: readonly BatchItem[]): [document: string, variables: object] {
  return [
    'mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) { __typename } }',
    { inputs },
  ];
}

it('only the items of a customer locked by another session fail', async () => {
  const ids = ['held', 'ada', 'ben', 'cleo'];
  await start({ acquireTimeoutMs: 3_000 }, ids);
  const release = await otherSessions.hold(HOLD_CUSTOMER, ['held']);
  const inputs = itemsOf(ids, 40, 'k');
  const { status, items } = await trackEach(client, inputs);
  expect(status).toBe(200);
  expect(items.map(codeOf)).toEqual(
    inputs.map(({ customerId }) => (customerId === 'held' ? 'CUSTOMER_LOCKED' : 'ACCEPTED')),
  );
  await release();
  const again = await trackAll(client, inputs);
  const replayed = again.filter((answer) => answer.replayed);
  expect(replayed).toHaveLength(30);
  expect(tally(again)).toEqual({ ACCEPTED: 40 });
  expect(await eventsIn()).toBe(4 + 40);
});

it('a lost connection leaves the outcome of its items unknown, and a retry finds it out', async () => {
  const ids = ['ada', 'ben', 'cleo', 'dan', 'eve', 'fay'];
  await start({}, ids);
  const release = await otherSessions.hold(HOLD_EVENTS);
  const inputs = itemsOf(ids, 120, 'k');
  const answered = trackEach(client, inputs);
  await otherSessions.untilOneWaits();
  await otherSessions.endSessions();
  // Some may have been sent after the sessions were ended.
  await release();
  const { items } = await answered;
  const codes = new Set(items.map(codeOf));
  expect(codes).toContain('OUTCOME_UNKNOWN');
  for (const code of codes) {
    expect(['OUTCOME_UNKNOWN', 'DATABASE_UNAVAILABLE', 'ACCEPTED']).toContain(code);
  }
  expect(tally(await trackAll(client, inputs))).toEqual({ ACCEPTED: 120 });
  expect(await eventsIn()).toBe(ids.length + 120);
});

it('a retry of a batch whose answer was lost replays every item', async () => {
  const ids = ['ada', 'ben', 'cleo'];
  await start({}, ids);
  const reject = { value: 10_001, overageBehavior: 'REJECT' } as const;
  const inputs = [
    ...itemsOf(ids, 60, 'k'),
    ...itemsOf(ids, 3, 'refused').map((item) => ({ ...item, ...reject })),
  ];
  const release = await otherSessions.hold(HOLD_EVENTS);
  const gone = new AbortController();
  const [query, variables] = batchOf(inputs);
  const lost = post({ query, variables }, 'application/json', gone.signal);
  await otherSessions.untilOneWaits();
  gone.abort();
  await expect(lost).rejects.toThrow();
  await release();
  await expect.poll(eventsIn).toBe(ids.length + 60);

  const answers = await trackAll(client, inputs);
  expect(answers.every(({ replayed }) => replayed)).toBe(true);
  expect(tally(answers)).toEqual({ ACCEPTED: 60, INSUFFICIENT_BALANCE: 3 });
  expect(await trackAll(client, inputs)).toEqual(answers);
  expect(await eventsIn()).toBe(ids.length + 60);
});
