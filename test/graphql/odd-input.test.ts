/** Input that is unusual but valid is accepted, stored exactly and returned unchanged. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages', eventNames: ['chat 💬', 'constructor'] }],
    customers: [{ customerId: 'acme' }, { customerId: '__proto__' }, { customerId: '0' }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1e15, overageAllowed: true }],
  });
});
afterAll(() => gateway.close());

const TRACK = `mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) {
  ... on Error { code message }
  ... on TrackBalancePayload { event { id } value replayed }
} }`;

const EVENT = `query ($id: ID!) { node(id: $id) {
  ... on UsageEvent { value properties idempotencyKey eventName occurredAt customer { customerId } }
} }`;

/** Tracks, and reads the event back from the database. */
async function stored(inputJson: string) {
  const body = `{"query":${JSON.stringify(TRACK)},"variables":{"input":${inputJson}}}`;
  const answer = JSON.parse(await (await gateway.send({ body })).text());
  expect(answer.errors).toBeUndefined();
  const { event, code } = answer.data.trackBalance;
  expect(code).toBeUndefined();
  const { data } = await gateway.execute(EVENT, { id: event.id });
  return data.node;
}

const good = { customerId: 'acme', featureId: 'messages' };
const withField = (field: string) => `{"customerId":"acme","featureId":"messages",${field}}`;

describe('an amount', () => {
  it.each([
    ['0', 0],
    ['-0', 0],
    ['-0.0000000001', -1e-10],
    ['1e-10', 1e-10],
    ['123456789012345', 123456789012345],
    ['-99999.9999999999', -99999.9999999999],
    ['1E+15', 1e15],
    ['1000000000000000.0', 1e15],
    ['0.10000000000000000', 0.1],
    ['null', 1],
  ])('%s is stored exactly', async (written, value) => {
    expect(await stored(withField(`"value":${written}`))).toMatchObject({ value });
  });

  it('may be an integer literal in a document', async () => {
    const { data } = await gateway.execute(`mutation { trackBalance(input: {
      customerId: "acme", featureId: "messages", value: 3
    }) { ... on TrackBalancePayload { value } } }`);
    expect(data.trackBalance.value).toBe(3);
  });
});

describe('properties', () => {
  it.each([
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    '{"a":null,"":{"":[]},"2":1,"1":2}',
    '{"emoji":"👩‍👩‍👧‍👦","rtl":"\\u202eabc","combined":"e\\u0301","control":"\\u0001\\u001f"}',
    '{"sql":"\'; DROP TABLE events; --","html":"<script>","path":"../../etc/passwd"}',
    '{"big":1e308,"small":5e-324,"exact":9007199254740991,"true":true}',
    '{}',
  ])('%s are stored exactly', async (properties) => {
    const event = await stored(withField(`"properties":${properties}`));
    expect(event.properties).toEqual(JSON.parse(properties));
    expect(Object.hasOwn({}, 'polluted') || 'polluted' in {}).toBe(false);
  });

  it('in a document keep __proto__ and enum names', async () => {
    const { data } = await gateway.execute(`mutation { trackBalance(input: {
      customerId: "acme", featureId: "messages", properties: { __proto__: { a: 1 }, b: RED }
    }) { ... on TrackBalancePayload { event { id } } } }`);
    const read = await gateway.execute(EVENT, { id: data.trackBalance.event.id });
    expect(JSON.stringify(read.data.node.properties)).toBe('{"b":"RED","__proto__":{"a":1}}');
  });
});

describe('an idempotency key', () => {
  it.each([
    ' ',
    '"',
    'null',
    '__proto__',
    'é', // One character...
    'e\u0301', // ...and two that look the same.
    '😀'.repeat(63),
    'x'.repeat(255),
    '\u0001\n\t\u007f\ufffd\uffff',
    "'; DROP TABLE idempotency_keys; --",
    '=1.5',
  ])('%j is stored exactly, and a retry is a replay', async (idempotencyKey) => {
    const event = await stored(JSON.stringify({ ...good, idempotencyKey }));
    expect(event.idempotencyKey).toBe(idempotencyKey);
    const { data } = await gateway.execute(TRACK, { input: { ...good, idempotencyKey } });
    expect(data.trackBalance.replayed).toBe(true);
  });
});

describe('tracking finds', () => {
  it.each(['chat 💬', 'constructor'])('the event name %j', async (eventName) => {
    const event = await stored(JSON.stringify({ customerId: 'acme', eventName }));
    expect(event.eventName).toBe(eventName);
  });

  it.each(['__proto__', '0'])('the customer %j', async (customerId) => {
    const event = await stored(JSON.stringify({ ...good, customerId }));
    expect(event.customer).toEqual({ customerId });
  });
});

describe('a time', () => {
  it.each([
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['2024-02-29t23:59:59.9999z', '2024-02-29T23:59:59.999Z'],
    ['2026-01-31T10:00:00.5+05:30', '2026-01-31T04:30:00.500Z'],
    ['2026-01-31T10:00:00-00:00', '2026-01-31T10:00:00.000Z'],
  ])('%s is stored as %s', async (timestamp, occurredAt) => {
    const event = await stored(JSON.stringify({ ...good, timestamp }));
    expect(event.occurredAt).toBe(occurredAt);
  });
});

it('null means the same as omitting the field', async () => {
  const nothing = {
    eventName: null,
    value: null,
    properties: null,
    idempotencyKey: null,
    entityId: null,
    timestamp: null,
    overageBehavior: null,
  };
  const event = await stored(JSON.stringify({ ...good, ...nothing }));
  expect(event).toMatchObject({ value: 1, properties: null, idempotencyKey: null });
});
