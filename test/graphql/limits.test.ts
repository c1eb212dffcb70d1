/** Every limit of src/schema/input/limits.ts: input at the limit is accepted, and one beyond it is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as limits from '../../src/schema/input/limits.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [
      { featureId: 'messages' },
      ...names(limits.CREDIT_COSTS_MAX + 1).map((featureId) => ({ featureId })),
      { featureId: 'credits', type: 'CREDIT_SYSTEM', creditCosts: costs(1) },
    ],
    customers: [{ customerId: 'acme', entities: ['seat'] }],
    balances: [],
  });
});
afterAll(() => gateway.close());

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `name-${index}`);
}

function costs(count: number) {
  return names(count).map((featureId) => ({ featureId, cost: 1 }));
}

const INPUTS = {
  trackBalance: 'BalancesTrackInput',
  createBalance: 'BalancesCreateInput',
  updateCustomer: 'CustomersUpdateInput',
  createCustomer: 'CustomersCreateInput',
  createEntity: 'EntitiesCreateInput',
  updateFeature: 'FeaturesUpdateInput',
} as const;

const GOOD = {
  trackBalance: { customerId: 'acme', featureId: 'messages' },
  createBalance: { customerId: 'acme', featureId: 'messages', granted: 1 },
  updateCustomer: { customerId: 'acme' },
  createCustomer: { customerId: 'acme' },
  createEntity: { customerId: 'acme', entityId: 'another' },
  updateFeature: { featureId: 'messages' },
} as const;

type Mutation = keyof typeof INPUTS;

/** The path and rule of the first issue, or the code of another refusal, or `OK`. */
async function answer(mutation: Mutation, fields: object): Promise<string> {
  const document = `mutation ($input: ${INPUTS[mutation]}!) { answer: ${mutation}(input: $input) {
    ... on Error { code } ... on InvalidInputError { issues { path rule } }
  } }`;
  const { data, errors } = await gateway.execute(document, {
    input: { ...GOOD[mutation], ...fields },
  });
  expect(errors).toEqual([]);
  const [issue] = data.answer.issues ?? [];
  return issue ? `${issue.path} ${issue.rule}` : (data.answer.code ?? 'OK');
}

/** An object of this many levels. */
const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });

/** An object whose JSON has this many bytes. */
const sized = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });

const grant = (fields: object) => ({ resetInterval: 'MONTH', ...fields });

interface Row {
  readonly limit: string;
  readonly most: number;
  readonly mutation: Mutation;
  /** Fields that contain this amount. */
  readonly fields: (amount: number) => object;
  readonly broken: string;
  /** The code that an input within the limit gets, if not `OK`. */
  readonly kept?: string;
}

const ROWS: Row[] = [
  {
    limit: 'ID_CHARS_MAX',
    most: limits.ID_CHARS_MAX,
    mutation: 'trackBalance',
    fields: (chars) => ({ customerId: 'a'.repeat(chars) }),
    broken: 'customerId id',
    kept: 'CUSTOMER_NOT_FOUND',
  },
  {
    limit: 'EVENT_NAME_CHARS_MAX',
    most: limits.EVENT_NAME_CHARS_MAX,
    mutation: 'trackBalance',
    fields: (chars) => ({ featureId: null, eventName: '😀'.repeat(chars) }),
    broken: 'eventName length',
    kept: 'EVENT_NAME_NOT_FOUND',
  },
  {
    limit: 'IDEMPOTENCY_KEY_BYTES_MAX',
    most: limits.IDEMPOTENCY_KEY_BYTES_MAX,
    mutation: 'trackBalance',
    fields: (bytes) => ({ idempotencyKey: `${'é'.repeat(100)}${'x'.repeat(bytes - 200)}` }),
    broken: 'idempotencyKey bytes',
  },
  {
    limit: 'PROPERTIES_BYTES_MAX',
    most: limits.PROPERTIES_BYTES_MAX,
    mutation: 'trackBalance',
    fields: (bytes) => ({ properties: sized(bytes) }),
    broken: 'properties bytes',
  },
  {
    limit: 'JSON_DEPTH_MAX',
    most: limits.JSON_DEPTH_MAX,
    mutation: 'trackBalance',
    fields: (levels) => ({ properties: nested(levels) }),
    broken: `properties${'.a'.repeat(limits.JSON_DEPTH_MAX)} depth`,
  },
  {
    limit: 'METADATA_BYTES_MAX',
    most: limits.METADATA_BYTES_MAX,
    mutation: 'updateCustomer',
    fields: (bytes) => ({ metadata: sized(bytes) }),
    broken: 'metadata bytes',
  },
  {
    limit: 'NAME_CHARS_MAX',
    most: limits.NAME_CHARS_MAX,
    mutation: 'updateCustomer',
    fields: (chars) => ({ name: '😀'.repeat(chars) }),
    broken: 'name length',
  },
  {
    limit: 'EMAIL_CHARS_MAX',
    most: limits.EMAIL_CHARS_MAX,
    mutation: 'updateCustomer',
    fields: (chars) => ({ email: `${'a'.repeat(chars - 2)}@b` }),
    broken: 'email length',
  },
  {
    limit: 'EVENT_NAMES_MAX',
    most: limits.EVENT_NAMES_MAX,
    mutation: 'updateFeature',
    fields: (count) => ({ eventNames: names(count) }),
    broken: 'eventNames items',
  },
  {
    limit: 'CREDIT_COSTS_MAX',
    most: limits.CREDIT_COSTS_MAX,
    mutation: 'updateFeature',
    fields: (count) => ({ featureId: 'credits', creditCosts: costs(count) }),
    broken: 'creditCosts items',
  },
  {
    limit: 'INTERVAL_COUNT_MAX',
    most: limits.INTERVAL_COUNT_MAX,
    mutation: 'createBalance',
    fields: (count) => grant({ resetIntervalCount: count }),
    broken: 'resetIntervalCount range',
  },
  {
    limit: 'CREDIT_COST_MAX',
    most: limits.CREDIT_COST_MAX,
    mutation: 'updateFeature',
    fields: (cost) => ({ featureId: 'credits', creditCosts: [{ featureId: 'name-0', cost }] }),
    broken: 'creditCosts.0.cost maximum',
  },
  {
    limit: 'ROLLOVER_PERCENT_MAX',
    most: limits.ROLLOVER_PERCENT_MAX,
    mutation: 'createBalance',
    fields: (percent) => grant({ rollover: { maxPercent: percent } }),
    broken: 'rollover.maxPercent range',
  },
];

describe.each(ROWS)('$limit', ({ most, mutation, fields, broken, kept = 'OK' }) => {
  it('may be reached', async () => {
    expect(await answer(mutation, fields(most))).toBe(kept);
  });

  it('may not be exceeded', async () => {
    expect(await answer(mutation, fields(most + 1))).toBe(broken);
  });
});

describe('times', () => {
  it.each([
    [limits.INSTANT_MIN, 'OK'],
    [limits.INSTANT_MIN - 1, 'timestamp range'],
    [limits.INSTANT_END - 1, 'timestamp future'],
    [limits.INSTANT_END, 'timestamp range'],
  ])('at %i get %s', async (instant, expected) => {
    const timestamp = new Date(instant).toISOString();
    expect(await answer('trackBalance', { timestamp })).toBe(expected);
  });
});

describe('pages', () => {
  const codes = async (query: string) =>
    (await gateway.execute(query)).errors.map(({ extensions }) => extensions['issues']);

  it.each(['first', 'last'])('accept %s from 0 to the limit', async (argument) => {
    const page = (size: number) => codes(`{ features(${argument}: ${size}) { edges { cursor } } }`);
    expect(await page(0)).toEqual([]);
    expect(await page(limits.PAGE_SIZE_MAX)).toEqual([]);
    for (const size of [-1, limits.PAGE_SIZE_MAX + 1]) {
      expect(await page(size)).toMatchObject([
        [{ path: argument, rule: 'page_size', value: String(size) }],
      ]);
    }
  });

  it('have a default size', async () => {
    const { data } = await gateway.execute('{ features { edges { cursor } } }');
    expect(data.features.edges).toHaveLength(limits.PAGE_SIZE_DEFAULT);
  });
});

describe('issues', () => {
  it('are listed up to the limit, and quote at most the permitted length', async () => {
    const eventNames = [`${'a'.repeat(1_000)}\n`];
    const creditCosts = names(30).map((featureId) => ({ featureId, cost: -1 }));
    const document = `mutation ($input: FeaturesUpdateInput!) { updateFeature(input: $input) {
      ... on InvalidInputError { issues { value } }
    } }`;
    const input = { featureId: 'messages', eventNames, creditCosts };
    const { data } = await gateway.execute(document, { input });
    const { issues } = data.updateFeature;
    expect(issues).toHaveLength(limits.ISSUES_MAX);
    expect(issues[0].value).toHaveLength(limits.QUOTE_CHARS_MAX);
  });
});
