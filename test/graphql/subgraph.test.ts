/** `/subgraph`: the same API for gateways of a larger graph, with what Apollo Federation asks of a subgraph. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ subgraph: DEFAULT_PREFIXES });
  await setUp(gateway, {
    features: [{ featureId: 'api' }],
    customers: [{ customerId: 'acme', entities: ['seat'] }],
    balances: [{ customerId: 'acme', featureId: 'api', granted: 10 }],
  });
});
afterAll(() => gateway.close());

async function ask(query: string, variables: object = {}, secret = gateway.secret) {
  const response = await gateway.send({
    path: '/subgraph',
    headers: { authorization: `Bearer ${secret}` },
    body: { query, variables },
  });
  return JSON.parse(await response.text());
}

const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Customer { customerId balances { feature { featureId } remaining } }
    ... on TollgateCustomerEntity { entityId customer { customerId } }
    ... on TollgateFeature { featureId name }
    ... on TollgateBalance { granted customer { customerId } }
  }
}`;

const entities = (representations: readonly unknown[], secret?: string) =>
  ask(ENTITIES, { representations }, secret);

describe('_service', () => {
  it('returns the schema that composition reads', async () => {
    const { data } = await ask('{ _service { sdl } }');
    expect(data._service.sdl).toContain('type Customer @key(fields: "customerId")');
  });
});

describe('_entities', () => {
  it('finds each type by each of its keys', async () => {
    const ids = await gateway.execute(`{ customer(customerId: "acme") {
      id entity(entityId: "seat") { id } balances { feature { id } breakdown { id } }
    } }`);
    const { customer } = ids.data;
    const [{ feature, breakdown }] = customer.balances;
    const acme = {
      __typename: 'Customer',
      customerId: 'acme',
      balances: [{ feature: { featureId: 'api' }, remaining: 10 }],
    };
    const seat = {
      __typename: 'TollgateCustomerEntity',
      entityId: 'seat',
      customer: { customerId: 'acme' },
    };
    const api = { __typename: 'TollgateFeature', featureId: 'api', name: 'api' };
    const answer = await entities([
      { __typename: 'Customer', customerId: 'acme' },
      { __typename: 'Customer', id: customer.id },
      {
        __typename: 'TollgateCustomerEntity',
        entityId: 'seat',
        customer: { customerId: 'acme' },
      },
      { __typename: 'TollgateCustomerEntity', id: customer.entity.id },
      { __typename: 'TollgateFeature', featureId: 'api' },
      { __typename: 'TollgateFeature', id: feature.id },
      { __typename: 'TollgateBalance', id: breakdown[0].id },
    ]);
    expect(answer).toEqual({
      data: {
        _entities: [
          ...[acme, acme, seat, seat, api, api],
          { __typename: 'TollgateBalance', granted: 10, customer: { customerId: 'acme' } },
        ],
      },
    });
  });

  it('answers a missing, a foreign and a malformed key with the same null', async () => {
    const { data } = await gateway.execute('{ customer(customerId: "acme") { id } }');
    const acme = { __typename: 'Customer', id: data.customer.id };
    const foreign = await entities([acme], gateway.foreignSecret);
    const missing = await entities([{ __typename: 'Customer', customerId: 'nobody' }]);
    const malformed = await entities([{ __typename: 'Customer', id: 'x' }]);
    expect([foreign, missing, malformed]).toEqual(Array(3).fill({ data: { _entities: [null] } }));
  });

  it('reports an unknown type for its item alone', async () => {
    const answer = await entities([
      { __typename: 'Unheard' },
      { __typename: 'TollgateFeature', featureId: 'api' },
    ]);
    expect(answer.data._entities).toMatchObject([null, { featureId: 'api' }]);
    expect(answer.errors).toMatchObject([
      { path: ['_entities', 0], extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });

  it('refuses more than a thousand before reading any', async () => {
    const one = { __typename: 'Customer', customerId: 'acme' };
    const answer = await entities(Array(10_001).fill(one));
    expect(answer).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'BAD_USER_INPUT', issues: [{ rule: 'max_items' }] } }],
    });
  });
});

describe('mutations', () => {
  it('answer with the types of the subgraph', async () => {
    const { data } = await ask(
      `mutation ($input: TollgateBalancesTrackInput!) { trackBalance(input: $input) {
        __typename ... on TollgateError { code }
      } }`,
      { input: { customerId: 'nobody', featureId: 'api' } },
    );
    expect(data).toEqual({
      trackBalance: { __typename: 'TollgateCustomerNotFoundError', code: 'CUSTOMER_NOT_FOUND' },
    });
  });
});

describe('without SUBGRAPH', () => {
  it('nothing is served there', async () => {
    const plain = await startTestGateway();
    const { status } = await plain.send({ path: '/subgraph', body: { query: '{ __typename }' } });
    await plain.close();
    expect(status).toBe(404);
  });
});

describe('a gateway that reports to Apollo Studio', () => {
  const traced = (path: string) =>
    gateway.send({
      path,
      headers: { 'apollo-federation-include-trace': 'ftv1' },
      body: { query: '{ customer(customerId: "acme") { customerId } }' },
    });
  const data = { customer: { customerId: 'acme' } };

  it('gets how long the operation took', async () => {
    const answer = await (await traced('/subgraph')).json();
    expect(answer).toEqual({ data, extensions: { ftv1: expect.stringMatching(/^[\w+/]+=*$/) } });
  });

  it('gets nothing of that at /graphql, or without its header', async () => {
    expect(await (await traced('/graphql')).json()).toEqual({ data });
    expect(await ask('{ customer(customerId: "acme") { customerId } }')).toEqual({ data });
  });
});
