/** Each usage event of a batch is answered as trackBalance would answer it by itself, in order. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import type { PlainGrant, PlainTrack } from '../support/cases/plain.js';
import { type BatchItem, codeOf, trackAll } from '../support/client/batches.js';
import { type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;
let client: Client;

beforeAll(async () => {
  gateway = await startTestGateway();
  client = createClient(gateway.origin, gateway.secret);
  await operations.createFeature(client, {
    id: 'messages',
    type: 'CONSUMABLE',
    eventNames: ['chat'],
  });
  await operations.createFeature(client, { id: 'words', type: 'CONSUMABLE', eventNames: ['chat'] });
  await operations.createFeature(client, { id: 'beta', type: 'BOOLEAN' });
});
afterAll(() => gateway.close());

let customers = 0;

async function customer(...grants: PlainGrant[]): Promise<string> {
  customers += 1;
  const id = `customer${customers}`;
  await operations.createCustomer(client, id);
  await operations.createEntity(client, id, 'seat');
  for (const grant of grants) await operations.grant(client, id, grant);
  return id;
}

const ofCustomer = (customerId: string, items: readonly PlainTrack[]): BatchItem[] =>
  items.map((item) => ({ customerId, ...item }));

async function codes(inputs: readonly BatchItem[]): Promise<string[]> {
  return (await trackAll(client, inputs)).map(codeOf);
}

/** What remains of a feature after each accepted usage event; null for a refusal. */
async function remainders(inputs: readonly BatchItem[]): Promise<(number | null)[]> {
  return (await trackAll(client, inputs)).map((answer) =>
    operations.wasTracked(answer) ? (answer.balances[0]?.remaining ?? null) : null,
  );
}

async function count(what: string, customerId: string): Promise<unknown> {
  const [row] = await gateway.sql(
    `SELECT count(*)::int AS n FROM ${what} JOIN customers c USING (customer_key) WHERE c.id = $1`,
    [customerId],
  );
  return row?.['n'];
}

describe('each item', () => {
  it('is answered in its place with its own type', async () => {
    const id = await customer(oneOff('messages', 10));
    const document = `mutation ($inputs: [BalancesTrackInput!]!) {
      trackBalances(inputs: $inputs) {
        __typename
        ... on TrackBalancePayload { value balance { remaining } replayed customer { customerId } }
        ... on Error { code }
        ... on InvalidInputError { issues { path value rule } }
        ... on IdempotencyConflictError { field idempotencyKey }
        ... on InsufficientBalanceError { missing { amount } }
      }
    }`;
    const item = { customerId: id, featureId: 'messages' };
    const { data, errors } = await gateway.execute(document, {
      inputs: [
        { ...item, value: 3, idempotencyKey: 'a' },
        { ...item, customerId: 'ac me' },
        { ...item, customerId: 'nobody' },
        { ...item, entityId: 'nothing' },
        { ...item, featureId: 'nothing' },
        { customerId: id, eventName: 'nothing' },
        { ...item, value: 8, overageBehavior: 'REJECT' },
        { ...item, value: 3, idempotencyKey: 'a' },
        { ...item, value: 4, idempotencyKey: 'a' },
        { ...item, eventName: 'chat', value: 1e-11 },
        item,
      ],
    });
    expect(errors).toEqual([]);
    const payload = {
      __typename: 'TrackBalancePayload',
      replayed: false,
      customer: { customerId: id },
    };
    const invalid = { __typename: 'InvalidInputError', code: 'INVALID_INPUT' };
    expect(data.trackBalances).toEqual([
      { ...payload, value: 3, balance: { remaining: 7 } },
      { ...invalid, issues: [{ path: 'customerId', value: '"ac me"', rule: 'id' }] },
      { __typename: 'CustomerNotFoundError', code: 'CUSTOMER_NOT_FOUND' },
      { __typename: 'EntityNotFoundError', code: 'ENTITY_NOT_FOUND' },
      { __typename: 'FeatureNotFoundError', code: 'FEATURE_NOT_FOUND' },
      { __typename: 'EventNameNotFoundError', code: 'EVENT_NAME_NOT_FOUND' },
      {
        __typename: 'InsufficientBalanceError',
        code: 'INSUFFICIENT_BALANCE',
        missing: [{ amount: 1 }],
      },
      { ...payload, value: 3, balance: { remaining: 7 }, replayed: true },
      {
        __typename: 'IdempotencyConflictError',
        code: 'IDEMPOTENCY_CONFLICT',
        field: 'value',
        idempotencyKey: 'a',
      },
      {
        ...invalid,
        issues: [
          { path: 'value', value: '1e-11', rule: 'decimals' },
          { path: 'featureId', value: '"messages"', rule: 'exactly_one' },
        ],
      },
      { ...payload, value: 1, balance: { remaining: 6 } },
    ]);
    expect(await count('events', id)).toBe(2);
    expect(await count('idempotency_keys', id)).toBe(1);
  });

  it('is stored with everything that was sent', async () => {
    const id = await customer(oneOff('messages', 10));
    const sent = {
      customerId: id,
      eventName: 'chat',
      value: 0.25,
      entityId: 'seat',
      idempotencyKey: 'k',
      timestamp: '2026-01-31T10:15:30.000Z',
      properties: { model: 'small', tags: [1, { deep: null }] },
    };
    const document = `mutation ($inputs: [BalancesTrackInput!]!) {
      trackBalances(inputs: $inputs) { ... on TrackBalancePayload {
        value entity { entityId }
        event { eventName value idempotencyKey occurredAt properties }
      } }
    }`;
    const { data } = await gateway.execute(document, { inputs: [sent] });
    const { customerId: _, entityId, timestamp, ...kept } = sent;
    expect(data.trackBalances).toEqual([
      { value: 0.25, entity: { entityId }, event: { ...kept, occurredAt: timestamp } },
    ]);
  });

  it('may be sent without a list, which is coerced to a list of one', async () => {
    const id = await customer(oneOff('messages', 10));
    const { data, errors } = await gateway.execute(
      `mutation { trackBalances(inputs: { customerId: "${id}", featureId: "messages" }) {
        ... on TrackBalancePayload { balance { remaining } }
      } }`,
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({ trackBalances: [{ balance: { remaining: 9 } }] });
  });
});

describe('usage events of one customer', () => {
  it('are decided in the order of the list', async () => {
    const id = await customer(oneOff('messages', 10));
    const values = [1, -1, 4, 2, 3, -2, 5];
    const items = values.map((value) => ({ featureId: 'messages', value }));
    expect(await remainders(ofCustomer(id, items))).toEqual([9, 10, 6, 4, 1, 3, 0]);
  });

  it('are decided in the order of the list even among those of others', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => customer(oneOff('messages', 1_000))));
    const inputs = Array.from({ length: 300 }, (_, index) => ({
      customerId: ids[index % 3] ?? '',
      featureId: 'messages',
    }));
    expect(await remainders(inputs)).toEqual(
      inputs.map((_, index) => 1_000 - 1 - Math.floor(index / 3)),
    );
  });

  it('are recorded in the order of the list', async () => {
    const id = await customer(oneOff('messages', 1_000));
    const items = Array.from({ length: 50 }, (_, value) => ({ featureId: 'messages', value }));
    await trackAll(client, ofCustomer(id, items));
    const recorded = await operations.events(client, id);
    expect(recorded.map(({ value }) => value)).toEqual(
      items.map(({ value }) => value).toReversed(),
    );
  });

  it('are accepted or refused by what those before them have left', async () => {
    const id = await customer(oneOff('messages', 5));
    const reject = (value: number): PlainTrack => ({
      featureId: 'messages',
      value,
      overageBehavior: 'REJECT',
    });
    const items = [reject(3), reject(3), reject(2), reject(1), reject(-4), reject(3)];
    const refused = 'INSUFFICIENT_BALANCE';
    expect(await codes(ofCustomer(id, items))).toEqual([
      'ACCEPTED',
      refused,
      'ACCEPTED',
      refused,
      'ACCEPTED',
      'ACCEPTED',
    ]);
    expect(await count('events', id)).toBe(4);
  });
});

describe('an idempotency key', () => {
  it('that is sent more than once in a batch is charged once, and the other answers are replays', async () => {
    const id = await customer(oneOff('messages', 10));
    const item = { customerId: id, featureId: 'messages', value: 4, idempotencyKey: 'k' };
    const [first, second, third] = await trackAll(client, [item, item, { ...item }]);
    expect(first).toMatchObject({ replayed: false, balances: [{ remaining: 6 }] });
    expect(second).toEqual({ ...first, replayed: true });
    expect(third).toEqual({ ...first, replayed: true });
    expect(await count('events', id)).toBe(1);
  });

  it('that was used before gets the first answer, whichever mutation used it', async () => {
    const id = await customer(oneOff('messages', 10));
    const item = { featureId: 'messages', value: 4, idempotencyKey: 'single' };
    const single = await operations.track(client, id, item);
    const list = { ...item, idempotencyKey: 'list' };
    const [replay, first] = await trackAll(client, ofCustomer(id, [item, list]));
    expect(replay).toEqual({ ...single, replayed: true });
    expect(await operations.track(client, id, list)).toEqual({ ...first, replayed: true });
    expect(await count('events', id)).toBe(2);
  });

  it('that is sent again with different input is a conflict, within the batch and after it', async () => {
    const id = await customer(oneOff('messages', 10));
    const item = { featureId: 'messages', idempotencyKey: 'k', properties: { a: 1 } };
    const other = { ...item, properties: { a: 2 } };
    const conflict = 'IDEMPOTENCY_CONFLICT';
    expect(await codes(ofCustomer(id, [item, other]))).toEqual(['ACCEPTED', conflict]);
    expect(await codes(ofCustomer(id, [other, item]))).toEqual([conflict, 'ACCEPTED']);
    expect(await count('events', id)).toBe(1);
  });

  it('is used up by a refused usage event, but not by an invalid one', async () => {
    const id = await customer(oneOff('messages', 10));
    const much: PlainTrack = {
      featureId: 'messages',
      value: 11,
      overageBehavior: 'REJECT',
      idempotencyKey: 'refused',
    };
    const bad = { featureId: 'messages', value: 1e-11, idempotencyKey: 'invalid' };
    const unknown = { featureId: 'nothing', idempotencyKey: 'unknown' };
    const good = (idempotencyKey: string) => ({ featureId: 'messages', idempotencyKey });
    await trackAll(client, ofCustomer(id, [much, bad, unknown]));
    const [refused, ...others] = await trackAll(
      client,
      ofCustomer(id, [much, good('invalid'), good('unknown')]),
    );
    expect(refused).toMatchObject({ code: 'INSUFFICIENT_BALANCE', replayed: true });
    expect(others.map(codeOf)).toEqual(['ACCEPTED', 'ACCEPTED']);
  });
});

describe('an error in one item', () => {
  it('does not affect the others', async () => {
    const id = await customer(oneOff('messages', 1_000), oneOff('words', 1_000));
    const good = { customerId: id, eventName: 'chat' };
    const bad: BatchItem[] = [
      { customerId: '', featureId: 'messages' },
      { customerId: id },
      { customerId: 'nobody', featureId: 'messages' },
      { ...good, entityId: 'nobody' },
      { ...good, timestamp: '3000-01-01T00:00:00Z' },
      { ...good, properties: { a: '\u0000' } },
      { ...good, value: 1e16 },
      { ...good, idempotencyKey: '\ud800' },
    ];
    const answers = await codes(bad.flatMap((item) => [good, item, good]));
    expect(answers.filter((code) => code === 'ACCEPTED')).toHaveLength(2 * bad.length);
    expect(await count('events', id)).toBe(2 * bad.length);
    const seen = await operations.look(client, id, 'words', null);
    expect(seen).toMatchObject({ usage: 2 * bad.length });
  });

  it('that all items have is reported for each, and nothing is written', async () => {
    const id = await customer(oneOff('messages', 10));
    const bad = { customerId: id, featureId: 'messages', value: 1e16, idempotencyKey: 'k' };
    const answers = await trackAll(
      client,
      Array.from({ length: 1_000 }, () => bad),
    );
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['INVALID_INPUT']));
    expect(await count('events', id)).toBe(0);
    expect(await count('idempotency_keys', id)).toBe(0);
  });
});
