/** `_entities`: whatever a gateway may send, and what it reveals. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-id.js';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';
import { askSubgraph } from '../support/client/subgraph.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let customerKey: string;
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  gateway = await startTestGateway({ subgraph: DEFAULT_PREFIXES });
  const balance = { customerId: 'acme', featureId: 'api', granted: 10 };
  await setUp(gateway, {
    features: [{ featureId: 'api' }],
    customers: [{ customerId: 'acme', entities: ['seat'] }, { customerId: 'other' }],
    balances: [balance, { ...balance, entityId: 'seat' }],
  });
  await setUp(
    gateway,
    {
      features: [{ featureId: 'foreign' }],
      customers: [{ customerId: 'theirs', entities: ['desk'] }],
      balances: [{ customerId: 'theirs', featureId: 'foreign', granted: 1 }],
    },
    gateway.foreignSecret,
  );
  ids = await globalIds('acme', 'seat', 'api', gateway.secret);
  customerKey = String(ids['customerKey']);
});
afterAll(() => gateway.close());

/** Of one node of each type. */
async function globalIds(customerId: string, entityId: string, featureId: string, secret: string) {
  const input = { customerId, featureId, value: 1 };
  await gateway.execute(
    'mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) { __typename } }',
    { input },
    secret,
  );
  const { data } = await gateway.execute(
    `query ($customerId: String!, $entityId: String!) { customer(customerId: $customerId) {
      id entity(entityId: $entityId) { id } events { edges { node { id } } }
      balances { feature { id } breakdown { id entity { id } ledger(first: 1) { edges { node { id } } } } }
    } }`,
    { customerId, entityId },
    secret,
  );
  const { id, entity, events, balances } = data.customer;
  const [{ feature, breakdown }] = balances;
  return {
    Customer: id,
    TollgateCustomerEntity: entity.id,
    TollgateFeature: feature.id,
    TollgateBalance: breakdown[0].id,
    TollgateUsageEvent: events.edges[0].node.id,
    TollgateLedgerEntry: breakdown[0].ledger.edges[0].node.id,
    customerKey: atob(id).split(':')[1] ?? '',
  };
}

const QUERY =
  'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }';

const entities = (...representations: readonly unknown[]) =>
  askSubgraph(gateway, QUERY, { representations });

const NULL = '{"data":{"_entities":[null]}}';
const typeName = (value: unknown) => (value as { readonly __typename: string }).__typename;

const customer = (key: object) => ({ __typename: 'Customer', ...key });
const entity = (key: object) => ({ __typename: 'TollgateCustomerEntity', ...key });
const feature = (key: object) => ({ __typename: 'TollgateFeature', ...key });
const ACME = { customer: { customerId: 'acme' } };

describe('an entity is found', () => {
  it.each<[string, () => unknown]>([
    ['by a customerId', () => customer({ customerId: 'acme' })],
    ['by both keys of one customer', () => customer({ customerId: 'acme', id: ids['Customer'] })],
    ['by a featureId', () => feature({ featureId: 'api' })],
    ['by an entityId with its customer', () => entity({ ...ACME, entityId: 'seat' })],
    [
      'by all keys of one entity',
      () => entity({ ...ACME, entityId: 'seat', id: ids['TollgateCustomerEntity'] }),
    ],
    [
      'with other fields beside the key',
      () => customer({ customerId: 'acme', name: 1, email: { a: [] } }),
    ],
    [
      'with a key that is null beside one that is not',
      () => customer({ customerId: 'acme', id: null }),
    ],
    [
      'with half of another key',
      () => entity({ id: ids['TollgateCustomerEntity'], entityId: 'x' }),
    ],
    [
      'with the type of what is nested in the key',
      () => entity({ customer: { __typename: 'Customer', customerId: 'acme' }, entityId: 'seat' }),
    ],
    ...[
      'Customer',
      'TollgateCustomerEntity',
      'TollgateFeature',
      'TollgateBalance',
      'TollgateUsageEvent',
      'TollgateLedgerEntry',
    ].map((name): [string, () => unknown] => [
      `${name} by its id`,
      () => ({ __typename: name, id: ids[name] }),
    ]),
  ])('%s', async (_what, representation) => {
    const given = representation();
    const { answer } = await entities(given);
    expect(answer).toEqual({ data: { _entities: [{ __typename: typeName(given) }] } });
  });

  it('in a document as well as in a variable', async () => {
    const { answer } = await askSubgraph(
      gateway,
      '{ _entities(representations: { __typename: "Customer", customerId: "acme" }) { ... on Customer { customerId } } }',
    );
    expect(answer).toEqual({ data: { _entities: [{ customerId: 'acme' }] } });
  });

  it('as it is stored, whatever the representation says', async () => {
    const representations = [customer({ customerId: 'acme', name: 'not its name', balances: [] })];
    const query = QUERY.replace('__typename }', '... on Customer { name balances { granted } } }');
    const { answer } = await askSubgraph(gateway, query, { representations });
    expect(answer).toEqual({ data: { _entities: [{ name: null, balances: [{ granted: 20 }] }] } });
  });

  it('as often as it is requested, in the order of the requests', async () => {
    const given = [
      feature({ featureId: 'api' }),
      customer({ customerId: 'acme' }),
      customer({ customerId: 'nobody' }),
      feature({ featureId: 'api' }),
    ];
    const { answer } = await entities(...given);
    const names = answer.data._entities.map((found: unknown) => found && typeName(found));
    expect(names).toEqual(['TollgateFeature', 'Customer', null, 'TollgateFeature']);
  });
});

describe('the answer is null, with the same bytes,', () => {
  it.each<[string, () => unknown]>([
    ['for a customer that does not exist', () => customer({ customerId: 'nobody' })],
    ['for the customer of another project', () => customer({ customerId: 'theirs' })],
    ['for the feature of another project', () => feature({ featureId: 'foreign' })],
    [
      'for the entity of another project',
      () => entity({ customer: { customerId: 'theirs' }, entityId: 'desk' }),
    ],
    [
      'for an entity of another customer',
      () => entity({ customer: { customerId: 'other' }, entityId: 'seat' }),
    ],
    ['for keys of two customers', () => customer({ customerId: 'other', id: ids['Customer'] })],
    ['for keys of two features', () => feature({ featureId: 'x', id: ids['TollgateFeature'] })],
    [
      'for keys of two entities',
      () => entity({ ...ACME, entityId: 'x', id: ids['TollgateCustomerEntity'] }),
    ],
    [
      'for a key that is malformed beside one that is not',
      () => customer({ customerId: 'acme', id: 'x' }),
    ],
    ['for the id of another type', () => customer({ id: ids['TollgateFeature'] })],
    [
      'for the id of a longer key',
      () => customer({ id: encodeGlobalId('Customer', `${customerKey}:seat`) }),
    ],
    [
      'for an id without padding',
      () => customer({ id: String(ids['Customer']).replaceAll('=', '').slice(0, -1) }),
    ],
    ['for an id in another alphabet', () => customer({ id: ` ${ids['Customer']}` })],
    [
      'for a balance that does not exist',
      () => ({
        __typename: 'TollgateBalance',
        id: encodeGlobalId('Balance', `${customerKey}:${customerKey}`),
      }),
    ],
    [
      'for a ledger entry that does not exist',
      () => ({
        __typename: 'TollgateLedgerEntry',
        id: encodeGlobalId('LedgerEntry', `${customerKey}:${customerKey}:1`),
      }),
    ],
    ...[
      'acme',
      5,
      [],
      [{ customerId: 'acme' }],
      { customerId: 5 },
      { customerId: { customerId: 'acme' } },
    ].map((key): [string, () => unknown] => [
      `for the nested key ${JSON.stringify(key)}`,
      () => entity({ customer: key, entityId: 'seat' }),
    ]),
  ])('%s', async (_what, representation) => {
    const { text } = await entities(representation());
    expect(text).toBe(NULL);
  });

  it.each([
    ...['5', '1e400', '12345678901234567890', 'true', '[]', '["acme"]', '{}', '{"id":"acme"}'],
    ...['""', '" "', '"a b"', '"\u00e9"', '"\\u0000"', '"\\ud800"'],
    ...[256, 100_000].map((length) => JSON.stringify('a'.repeat(length))),
  ])('for the customerId %s', async (key) => {
    const body = JSON.stringify({
      query: QUERY,
      variables: { representations: [customer({ customerId: 'KEY' })] },
    });
    const response = await gateway.send({ path: '/subgraph', body: body.replace('"KEY"', key) });
    expect(await response.text()).toBe(NULL);
  });

  it('for a foreign id of each type', async () => {
    const theirs = await globalIds('theirs', 'desk', 'foreign', gateway.foreignSecret);
    const { customerKey: _key, ...nodes } = theirs;
    for (const [name, id] of Object.entries(nodes)) {
      const { text } = await entities({ __typename: name, id });
      expect(text, name).toBe(NULL);
    }
  });
});
