/** `_entities`: what is wrong with one representation concerns the others only if there are too many. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';
import { askSubgraph } from '../support/client/subgraph.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    subgraph: DEFAULT_PREFIXES,
    operationBounds: { operationFieldsMax: 100_000 },
    readQueue: { waitingPerProjectMax: 1_000 },
  });
  const customers = [{ customerId: 'acme', entities: ['seat'] }];
  await setUp(gateway, { features: [{ featureId: 'api' }], customers, balances: [] });
});
afterAll(() => gateway.close());

const QUERY =
  'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }';

const entities = (...representations: readonly unknown[]) =>
  askSubgraph(gateway, QUERY, { representations });

const customer = (key: object) => ({ __typename: 'Customer', ...key });
const entity = (key: object) => ({ __typename: 'TollgateCustomerEntity', ...key });
const feature = (key: object) => ({ __typename: 'TollgateFeature', ...key });

describe('an item alone has an error', () => {
  const error = (rule: string) => ({
    extensions: { code: 'BAD_USER_INPUT', issues: [{ rule }] },
    path: ['_entities', 1],
  });

  it.each<[string, string, unknown]>([
    ['an unknown type', 'entity_type', { __typename: 'Unheard', id: 'x' }],
    ['a type of the other API', 'entity_type', { __typename: 'Feature', featureId: 'api' }],
    ['a type that is no entity', 'entity_type', { __typename: 'TollgateFeatureBalance', id: 'x' }],
    ['a root type', 'entity_type', { __typename: 'Query' }],
    ['a union', 'entity_type', { __typename: '_Entity', id: 'x' }],
    ['a member of every object', 'entity_type', { __typename: 'constructor' }],
    ['no type', 'entity_type', { customerId: 'acme' }],
    ['a type that is null', 'entity_type', { __typename: null, customerId: 'acme' }],
    ['a type that is a number', 'entity_type', { __typename: 1, customerId: 'acme' }],
    ['a list of types', 'entity_type', { __typename: ['Customer'], customerId: 'acme' }],
    ['a type in capitals', 'entity_type', { __typename: 'CUSTOMER', customerId: 'acme' }],
    ['a text', 'entity_type', 'Customer'],
    ['a number', 'entity_type', 1],
    ['a list', 'entity_type', [{ __typename: 'Customer', customerId: 'acme' }]],
    ['no key', 'entity_key', customer({})],
    ['a key that is null', 'entity_key', customer({ id: null, customerId: null })],
    ['half a key', 'entity_key', entity({ entityId: 'seat' })],
    ['a key of another type', 'entity_key', feature({ customerId: 'acme' })],
    ['a nested key that is null', 'entity_key', entity({ customer: null, entityId: 'seat' })],
    [
      'a key of its prototype',
      'entity_key',
      JSON.parse('{"__typename":"Customer","__proto__":{"customerId":"acme"}}'),
    ],
    [
      'a type of its prototype',
      'entity_type',
      JSON.parse('{"__proto__":{"__typename":"Customer","customerId":"acme"}}'),
    ],
  ])('for %s', async (_what, rule, representation) => {
    const acme = customer({ customerId: 'acme' });
    const { answer } = await entities(acme, representation, acme);
    const found = { __typename: 'Customer' };
    expect(answer.data).toEqual({ _entities: [found, null, found] });
    expect(answer.errors).toMatchObject([error(rule)]);
  });

  it('that repeats little of what was sent', async () => {
    const { text } = await entities({ __typename: 'x'.repeat(100_000) });
    expect(text.length).toBeLessThan(1_000);
  });
});

describe('reads that are refused', () => {
  it('are errors of their items alone', async () => {
    const thousand = Array.from({ length: 999 }, (_, n) => customer({ customerId: `c${n}` }));
    const query = `{ a: ${QUERY.slice(QUERY.indexOf('_entities'), -1)} b: ${QUERY.slice(QUERY.indexOf('_entities'))}`;
    const { answer } = await askSubgraph(gateway, `query ($representations: [_Any!]!) ${query}`, {
      representations: [...thousand, customer({ customerId: 'acme' })],
    });
    expect(answer.data.a).toEqual([...Array(999).fill(null), { __typename: 'Customer' }]);
    expect(answer.data.b).toEqual(Array(1_000).fill(null));
    expect(answer.errors[0]).toMatchObject({
      path: ['b', 0],
      extensions: { code: 'READS_OVERLOADED', retryable: true },
    });
  });
});

describe('the whole field is refused', () => {
  const acme = customer({ customerId: 'acme' });

  it.each([1_001, 10_001])('for %i representations', async (count) => {
    const { answer } = await entities(...Array(count).fill(acme));
    expect(answer).toMatchObject({
      data: null,
      errors: [{ extensions: { issues: [{ path: 'representations', rule: 'max_items' }] } }],
    });
  });

  it('not for a thousand, or none', async () => {
    const thousand = await entities(...Array(1_000).fill(acme));
    expect(thousand.answer.data._entities).toEqual(Array(1_000).fill({ __typename: 'Customer' }));
    const none = await entities();
    expect(none.text).toBe('{"data":{"_entities":[]}}');
  });

  it('for a representation that is null', async () => {
    const { answer } = await entities(acme, null);
    expect(answer).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    expect(answer.data ?? null).toBeNull();
  });

  it('if so many representations may have too many fields', async () => {
    const query = QUERY.replace('__typename }', '... on Customer { balances { granted } } }');
    const ask = (count: number) =>
      askSubgraph(gateway, query, { representations: Array(count).fill(acme) });
    // A customer has up to a thousand balances of one field each.
    const [few, many] = await Promise.all([ask(90), ask(101)]);
    expect(few.answer.errors).toBeUndefined();
    expect(many.answer.errors).toMatchObject([
      {
        message: expect.stringContaining(
          'Most of them are at "_entities[101].balances[1000].granted"',
        ),
        extensions: { code: 'QUERY_TOO_COMPLEX' },
      },
    ]);
  });
});
