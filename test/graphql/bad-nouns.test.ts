/** Bad input to every other field: a typed answer in a union, BAD_USER_INPUT in a query. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BAD_ENTITIES } from '../support/client/bad-entities.js';
import { BAD_FEATURES } from '../support/client/bad-features.js';
import { BAD_RESERVATIONS } from '../support/client/bad-reservations.js';
import { BAD_VOIDS } from '../support/client/bad-voids.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let before: unknown;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [
      { featureId: 'messages' },
      { featureId: 'sso', type: 'BOOLEAN' },
      {
        featureId: 'credits',
        type: 'CREDIT_SYSTEM',
        creditCosts: [{ featureId: 'messages', cost: 1 }],
      },
    ],
    customers: [{ customerId: 'acme', entities: ['seat'] }],
    balances: [],
  });
  before = await contents();
});
afterAll(async () => {
  expect(await contents()).toEqual(before);
  await gateway.close();
});

function contents(): Promise<unknown> {
  const tables = ['customers', 'entities', 'features', 'credit_costs', 'balances', 'events'];
  return Promise.all(tables.map((table) => gateway.sql(`SELECT * FROM ${table} ORDER BY 1, 2`)));
}

type Row = readonly [what: string, input: object, expected: string];

const feature = { featureId: 'new', name: 'New', type: 'CONSUMABLE' };
const grant = { customerId: 'acme', featureId: 'messages', granted: 1 };
const monthly = { ...grant, resetInterval: 'MONTH' };
const half = '\ud83d';

const MUTATIONS: Record<string, { readonly input: string; readonly rows: readonly Row[] }> = {
  createFeature: {
    input: 'FeaturesCreateInput',
    rows: [
      ['an empty id', { ...feature, featureId: '' }, 'featureId id'],
      ['an id with a space', { ...feature, featureId: 'a b' }, 'featureId id'],
      ['an id that is taken', { ...feature, featureId: 'messages' }, 'ALREADY_EXISTS'],
      ['an empty name', { ...feature, name: '' }, 'name length'],
      ['a name with NUL', { ...feature, name: 'a\u0000' }, 'name nul'],
      ['a lone surrogate in the name', { ...feature, name: half }, 'name well_formed'],
      ['an empty event name', { ...feature, eventNames: ['a', ''] }, 'eventNames.1 length'],
      ['an event name twice', { ...feature, eventNames: ['a', 'a'] }, 'eventNames.1 unique'],
      [
        'a negative cost',
        costing([{ featureId: 'messages', cost: -1 }]),
        'creditCosts.0.cost minimum',
      ],
      [
        'a cost with 19 decimals',
        costing([{ featureId: 'messages', cost: 1e-19 }]),
        'creditCosts.0.cost decimals',
      ],
      ['a cost of an unknown feature', costing([{ featureId: 'x', cost: 1 }]), 'FEATURE_NOT_FOUND'],
      [
        'a credit cost with a bad feature id',
        costing([{ featureId: '', cost: 1 }]),
        'creditCosts.0.featureId id',
      ],
      [
        'two costs for one feature',
        costing([cost('messages'), cost('messages')]),
        'creditCosts.1 unique',
      ],
      ['an unknown type', { ...feature, type: 'SEATS' }, 'BAD_USER_INPUT'],
      ['no name', { ...feature, name: undefined }, 'BAD_USER_INPUT'],
    ],
  },
  ...BAD_FEATURES,
  createCustomer: {
    input: 'CustomersCreateInput',
    rows: [
      ['an empty id', { customerId: '' }, 'customerId id'],
      ['an email without @', { customerId: 'new', email: 'acme' }, 'email email'],
      ['an email with a space', { customerId: 'new', email: 'a b@c' }, 'email email'],
      ['NUL in the email', { customerId: 'new', email: '\u0000@a' }, 'email nul'],
      ['a list as metadata', { customerId: 'new', metadata: [] }, 'metadata object'],
      ['NUL in metadata', { customerId: 'new', metadata: { a: '\u0000' } }, 'metadata.a nul'],
    ],
  },
  updateCustomer: {
    input: 'CustomersUpdateInput',
    rows: [
      ['an unknown customer', { customerId: 'x', name: 'X' }, 'CUSTOMER_NOT_FOUND'],
      ['an empty name', { customerId: 'acme', name: '' }, 'name length'],
      ['a string as metadata', { customerId: 'acme', metadata: 'x' }, 'metadata object'],
    ],
  },
  deleteCustomer: {
    input: 'CustomersDeleteInput',
    rows: [
      ['an unknown customer', { customerId: 'x' }, 'CUSTOMER_NOT_FOUND'],
      ['an empty id', { customerId: '' }, 'customerId id'],
    ],
  },
  ...BAD_ENTITIES,
  ...BAD_RESERVATIONS,
  ...BAD_VOIDS,
  createBalance: {
    input: 'BalancesCreateInput',
    rows: [
      ['an unknown customer', { ...grant, customerId: 'x' }, 'CUSTOMER_NOT_FOUND'],
      ['an unknown entity', { ...grant, entityId: 'x' }, 'ENTITY_NOT_FOUND'],
      ['an unknown feature', { ...grant, featureId: 'x' }, 'FEATURE_NOT_FOUND'],
      ['an id with a space', { ...grant, balanceId: 'a b' }, 'balanceId id'],
      ['no amount', { ...grant, granted: null }, 'granted exactly_one'],
      ['both an amount and unlimited', { ...grant, unlimited: true }, 'granted exactly_one'],
      ['a negative amount', { ...grant, granted: -1 }, 'granted minimum'],
      ['a third', { ...grant, granted: 1 / 3 }, 'granted decimals'],
      ['an amount for a boolean feature', { ...grant, featureId: 'sso' }, 'granted boolean'],
      ['a priority of 1.5', { ...grant, priority: 1.5 }, 'BAD_USER_INPUT'],
      ['a priority of 2^31', { ...grant, priority: 2 ** 31 }, 'BAD_USER_INPUT'],
      ['an unknown interval', { ...grant, resetInterval: 'DECADE' }, 'BAD_USER_INPUT'],
      ['an interval count of 0', { ...monthly, resetIntervalCount: 0 }, 'resetIntervalCount range'],
      [
        'an interval count without an interval',
        { ...grant, resetIntervalCount: 3 },
        'resetIntervalCount needs',
      ],
      [
        "a rollover's interval count without an interval",
        { ...monthly, rollover: { max: 1, intervalCount: 3 } },
        'rollover.intervalCount needs',
      ],
      [
        'overage of a boolean feature',
        { customerId: 'acme', featureId: 'sso', overageAllowed: true },
        'overageAllowed boolean',
      ],
      [
        'an anchor without an interval',
        { ...grant, resetAnchor: '2026-01-31T00:00:00Z' },
        'resetAnchor needs',
      ],
      ['a rollover without an interval', { ...grant, rollover: { max: 1 } }, 'rollover needs'],
      [
        'carried overage without an interval',
        { ...grant, carryOverage: true },
        'carryOverage needs',
      ],
      [
        'a negative rollover maximum',
        { ...monthly, rollover: { max: -1 } },
        'rollover.max minimum',
      ],
      [
        'two rollover maxima',
        { ...monthly, rollover: { max: 1, maxPercent: 1 } },
        'rollover.maxPercent exclusive',
      ],
      [
        'a negative rollover percentage',
        { ...monthly, rollover: { maxPercent: -1 } },
        'rollover.maxPercent range',
      ],
      [
        'an expiry in the past',
        { ...grant, expiresAt: '2020-01-01T00:00:00Z' },
        'expiresAt after_start',
      ],
      ['an expiry that is not a time', { ...grant, expiresAt: 'never' }, 'expiresAt date_time'],
      [
        'a negative overage limit',
        { ...grant, overageAllowed: true, overageLimit: -1 },
        'overageLimit minimum',
      ],
      [
        'an overage limit without overage',
        { ...grant, overageAllowed: false, overageLimit: 1 },
        'overageLimit overage_allowed',
      ],
      ['an empty idempotency key', { ...grant, idempotencyKey: '' }, 'idempotencyKey bytes'],
    ],
  },
};

function cost(featureId: string) {
  return { featureId, cost: 1 };
}

function costing(creditCosts: readonly object[]) {
  return { ...feature, type: 'CREDIT_SYSTEM', creditCosts };
}

/** An object of which nothing is told. */
const NOTHING_SHOWN = JSON.stringify({ value: '{…}' }).slice(1, -1);

/** Of an item of a batch, the same is refused as of a single call. */
describe.each(Object.entries(BAD_RESERVATIONS))(
  '%ss refuses',
  (mutation, { input: type, rows }) => {
    const document = `mutation ($inputs: [${type}!]!) { answer: ${mutation}s(inputs: $inputs) {
    __typename ... on Error { code } ... on InvalidInputError { issues { path rule value } }
  } }`;

    it('the same, item by item', async () => {
      const inputs = rows.map(([, input]) => input);
      const { data, errors } = await gateway.execute(document, { inputs });
      expect(errors).toEqual([]);
      const told = data.answer.map(({ code, issues: [issue] = [] }: Refused) =>
        issue === undefined ? code : `${issue.path} ${issue.rule}`,
      );
      expect(told).toEqual(rows.map(([, , expected]) => expected));
      expect(JSON.stringify(data)).not.toContain(NOTHING_SHOWN);
    });
  },
);

interface Refused {
  readonly code: string;
  readonly issues?: readonly { readonly path: string; readonly rule: string }[];
}

describe.each(Object.entries(MUTATIONS))('%s refuses', (mutation, { input: type, rows }) => {
  const document = `mutation ($input: ${type}!) { answer: ${mutation}(input: $input) {
    __typename ... on Error { code } ... on InvalidInputError { issues { path rule value } }
  } }`;

  it.each(rows)('%s', async (_what, input, expected) => {
    const { data, errors } = await gateway.execute(document, { input });
    const [issue] = data?.answer.issues ?? [];
    const code = data?.answer.code ?? errors[0]?.extensions['code'];
    expect(issue ? `${issue.path} ${issue.rule}` : code).toBe(expected);
    expect(JSON.stringify(data)).not.toContain(NOTHING_SHOWN);
  });
});

describe('a query refuses', () => {
  const customer = (field: string) => `{ customer(customerId: "acme") { ${field} } }`;

  it.each([
    ['an empty id', '{ customer(customerId: "") { id } }', 'id'],
    ['NUL in an id', '{ feature(featureId: "a\\u0000") { id } }', 'id'],
    ['a bad entity id', customer('entity(entityId: "a b") { id }'), 'id'],
    ['a bad feature id', customer('balance(featureId: "") { usage }'), 'id'],
    ['NUL in an event name', '{ events(eventName: "\\u0000") { edges { cursor } } }', 'control'],
    ['a malformed time', '{ events(occurredFrom: "now") { edges { cursor } } }', 'date_time'],
    ['a malformed global id', '{ node(id: "acme") { id } }', 'global_id'],
    ['an empty global id', '{ node(id: "") { id } }', 'global_id'],
    [
      'a global id of an unknown type',
      `{ node(id: "${base64('Nothing:1')}") { id } }`,
      'global_id',
    ],
    ['a global id of Query', `{ node(id: "${base64('Query:1')}") { id } }`, 'global_id'],
    ['a global id of __proto__', `{ node(id: "${base64('__proto__:1')}") { id } }`, 'global_id'],
    [
      'a global id with the wrong parts',
      `{ node(id: "${base64('Balance:1')}") { id } }`,
      'global_id',
    ],
    [
      'a global id with trailing characters',
      `{ node(id: "${base64('Feature:a')}x") { id } }`,
      'global_id',
    ],
    ['a malformed cursor', '{ customers(after: "acme") { edges { cursor } } }', 'cursor'],
    ['an empty cursor', '{ customers(before: "") { edges { cursor } } }', 'cursor'],
    [
      'a cursor of another list',
      `{ customers(after: "${base64('Feature:a')}") { edges { cursor } } }`,
      'cursor',
    ],
    [
      'an event cursor with the wrong parts',
      `{ events(after: "${base64('UsageEvent:1')}") { edges { cursor } } }`,
      'cursor',
    ],
    [
      'first and last together',
      '{ customers(first: 1, last: 1) { edges { cursor } } }',
      'exclusive',
    ],
  ])('%s', async (_what, query, rule) => {
    const { status, errors } = await gateway.execute(query);
    expect(status).toBe(200);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', issues: [{ rule }] } }]);
  });

  function base64(text: string): string {
    return Buffer.from(text).toString('base64');
  }
});
