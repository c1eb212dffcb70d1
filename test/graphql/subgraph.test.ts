/** `/subgraph`: the same API under other names, with what Apollo Federation requires of a subgraph. */

import { readFile } from 'node:fs/promises';
import { type DocumentNode, Kind, parse, print, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.js';
import { DEFAULT_PREFIXES } from '../../src/schema/subgraph/names.js';
import { NO_EVENT } from '../support/client/no-event.js';
import { askSubgraph } from '../support/client/subgraph.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const PREFIXES = { typePrefix: 'Usage_', fieldPrefix: 'usage_' };

/** Each with a database of its own, and the same data. */
let usual: TestGateway;
let prefixed: TestGateway;

beforeAll(async () => {
  usual = await startTestGateway({ subgraph: DEFAULT_PREFIXES });
  prefixed = await startTestGateway({ subgraph: PREFIXES });
  for (const gateway of [usual, prefixed]) {
    await setUp(gateway, {
      features: [{ featureId: 'api', eventNames: ['called'] }],
      customers: [{ customerId: 'acme', entities: ['seat'] }],
      balances: [{ customerId: 'acme', featureId: 'api', granted: 10 }],
    });
  }
});
afterAll(() => Promise.all([usual.close(), prefixed.close()]));

describe('_service', () => {
  const sdl = async (gateway: TestGateway) =>
    (await askSubgraph(gateway, '{ _service { sdl } }')).answer.data._service.sdl;

  it('returns subgraph.graphql', async () => {
    const file = new URL('../../subgraph.graphql', import.meta.url);
    expect(await sdl(usual)).toBe(await readFile(file, 'utf8'));
  });

  it('returns the names that are set', async () => {
    expect(await sdl(prefixed)).toContain('usage_customers(');
    expect(await sdl(prefixed)).not.toContain('Tollgate');
  });

  it('needs a key', async () => {
    const { answer } = await askSubgraph(usual, '{ _service { sdl } }', {}, 'tg_sk_unknown');
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

/** The document for the subgraph: a type condition or a variable of a type, and a field at the root, have other names. */
function inSubgraph(document: DocumentNode, { typePrefix, fieldPrefix } = PREFIXES): DocumentNode {
  const info = new TypeInfo(schema);
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const isKept = (name: string) => /^(Query|Mutation|Customer|PageInfo|String|Int)$/.test(name);
  return visit(
    document,
    visitWithTypeInfo(info, {
      NamedType: (node) => ({
        ...node,
        name: { kind: Kind.NAME, value: inSubgraphNamed(node.name.value) },
      }),
      Field: {
        leave: (node) => {
          const isRoot = roots.includes(info.getParentType() as (typeof roots)[number]);
          if (!isRoot || node.name.value.startsWith('__')) return undefined;
          const name = { kind: Kind.NAME as const, value: `${fieldPrefix}${node.name.value}` };
          return { ...node, name, alias: node.alias ?? node.name };
        },
      },
    }),
  );
  function inSubgraphNamed(name: string): string {
    return isKept(name) ? name : `${typePrefix}${name}`;
  }
}

/** The names of types in an answer. */
function withPrefixes(json: string, { typePrefix } = PREFIXES): string {
  return json.replaceAll(/"__typename":"(?!Query|Mutation|Customer"|PageInfo)/g, `$&${typePrefix}`);
}

const ERROR = '... on Error { code message } ... on InvalidInputError { issues { path } }';

const mutation = (name: string, type: string, payload: string) =>
  `mutation ($input: ${type}!) { ${name}(input: $input) { __typename ${payload} ${ERROR} } }`;

const batch = (name: string, type: string) =>
  `mutation ($inputs: [${type}!]!) { ${name}(inputs: $inputs) { __typename ${ERROR} } }`;

const TRACK = mutation(
  'trackBalance',
  'BalancesTrackInput',
  `... on TrackBalancePayload { value balance { __typename remaining } customer { __typename customerId } }
   ... on InsufficientBalanceError { missing { amount feature { __typename featureId } } }`,
);

const ACME = { customerId: 'acme' };

const OPERATIONS: readonly (readonly [string, object])[] = [
  ['{ __typename customer(customerId: "acme") { __typename customerId } }', {}],
  [
    `query ($input: BalancesCheckInput!) { checkBalance(input: $input) { __typename ${ERROR}
      ... on CheckBalancePayload { allowed requiredBalance reason balance { __typename remaining } }
    } customer(customerId: "acme") { check(featureId: "messages", requiredBalance: 1e9) {
      __typename ... on CheckBalancePayload { allowed largestAllowed missing { amount } } } } }`,
    { input: { customerId: 'acme', featureId: 'messages' } },
  ],
  [
    '{ customers { pageInfo { __typename hasNextPage } edges { __typename node { __typename customerId } } } }',
    {},
  ],
  ['{ customer(customerId: "acme") { entity(entityId: "seat") { __typename entityId } } }', {}],
  ['{ feature(featureId: "api") { __typename ... on Feature { type eventNames } } }', {}],
  [TRACK, { input: { ...ACME, featureId: 'api', value: 3 } }],
  [TRACK, { input: { ...ACME, eventName: 'called' } }],
  [TRACK, { input: { ...ACME, eventName: 'unheard' } }],
  [TRACK, { input: { ...ACME, featureId: 'api', value: 99, overageBehavior: 'REJECT' } }],
  [TRACK, { input: { ...ACME, featureId: 'none' } }],
  [TRACK, { input: { ...ACME, featureId: 'api', entityId: 'none' } }],
  [TRACK, { input: { customerId: 'none', featureId: 'api' } }],
  [TRACK, { input: { customerId: '', featureId: 'api' } }],
  [TRACK, { input: { ...ACME, featureId: 'api', idempotencyKey: 'k' } }],
  [TRACK, { input: { ...ACME, featureId: 'api', idempotencyKey: 'k', value: 2 } }],
  [
    mutation('createFeature', 'FeaturesCreateInput', ''),
    { input: { featureId: 'api', name: 'x', type: 'BOOLEAN' } },
  ],
  [
    mutation('createFeature', 'FeaturesCreateInput', ''),
    { input: { featureId: '', name: 'x', type: 'BOOLEAN' } },
  ],
  [
    mutation('updateCustomer', 'CustomersUpdateInput', ''),
    { input: { customerId: 'acme', name: 'Acme' } },
  ],
  [
    mutation('updateCustomer', 'CustomersUpdateInput', ''),
    { input: { customerId: 'none', name: 'Acme' } },
  ],
  [
    mutation('updateBalance', 'BalancesUpdateInput', ''),
    { input: { ...ACME, id: 'none', usage: 1 } },
  ],
  [mutation('deleteBalance', 'BalancesDeleteInput', ''), { input: { ...ACME, id: 'none' } }],
  [
    mutation('updateEntity', 'EntitiesUpdateInput', ''),
    { input: { customerId: 'acme', entityId: 'seat', name: 'Seat' } },
  ],
  [mutation('deleteCustomer', 'CustomersDeleteInput', ''), { input: { customerId: 'none' } }],
  [mutation('voidEvent', 'EventsVoidInput', ''), { input: { eventId: NO_EVENT } }],
  [
    mutation('voidEvents', 'EventsVoidMatchingInput', ''),
    { input: { filter: ACME, dryRun: true } },
  ],
  [mutation('amendEvent', 'EventsAmendInput', ''), { input: { eventId: NO_EVENT } }],
  [
    mutation('deleteEntity', 'EntitiesDeleteInput', ''),
    { input: { customerId: 'acme', entityId: 'none' } },
  ],
  [
    batch('trackBalances', 'BalancesTrackInput'),
    {
      inputs: [
        { ...ACME, featureId: 'api' },
        { ...ACME, featureId: 'none' },
      ],
    },
  ],
  [
    mutation('reserveBalance', 'BalancesReserveInput', ''),
    { input: { ...ACME, featureId: 'api', value: 0, reservationId: 'held' } },
  ],
  [
    mutation('extendReservation', 'ReservationsExtendInput', ''),
    { input: { ...ACME, reservationId: 'none' } },
  ],
  [
    mutation('captureReservation', 'ReservationsCaptureInput', ''),
    { input: { ...ACME, reservationId: 'held' } },
  ],
  [
    mutation('releaseReservation', 'ReservationsReleaseInput', ''),
    { input: { ...ACME, reservationId: 'none' } },
  ],
  [
    batch('reserveBalances', 'BalancesReserveInput'),
    { inputs: ['one', 'two'].map((id) => ({ ...ACME, featureId: 'api', reservationId: id })) },
  ],
  [
    batch('captureReservations', 'ReservationsCaptureInput'),
    { inputs: ['one', 'none'].map((reservationId) => ({ ...ACME, reservationId })) },
  ],
  [
    batch('extendReservations', 'ReservationsExtendInput'),
    { inputs: ['none', 'two'].map((reservationId) => ({ ...ACME, reservationId })) },
  ],
  [
    batch('releaseReservations', 'ReservationsReleaseInput'),
    { inputs: ['two', 'none'].map((reservationId) => ({ ...ACME, reservationId })) },
  ],
  ['{ customer(customerId: "a b") { customerId } }', {}],
];

describe('every operation is answered as by the API, under the names of the subgraph', () => {
  it.each(OPERATIONS)('%s %j', async (query, variables) => {
    // Both gateways carry it out, so that they have the same data afterwards.
    const document = parse(query);
    const api = await usual.send({ body: { query: print(document), variables } });
    const { text } = await askSubgraph(prefixed, print(inSubgraph(document)), variables);
    const told = (json: string) => JSON.stringify({ ...JSON.parse(json), errors: null });
    expect(told(text)).toBe(told(withPrefixes(await api.text())));
  });
});

describe('names of the other API', () => {
  it.each([
    '{ node(id: "x") { id } }',
    '{ customer(customerId: "acme") { ... on Node { id } } }',
    '{ _entities(representations: []) { ... on Feature { featureId } } }',
    '{ _entities(representations: []) { ... on TollgateProject { name } } }',
  ])('are unknown: %s', async (query) => {
    const { answer } = await askSubgraph(usual, query);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  });

  it('are the only ones at /graphql', async () => {
    const { errors } = await usual.execute('{ _service { sdl } }');
    expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  });
});

it('a document is of the schema of its path, although the other one has the same text', async () => {
  const query = '{ __type(name: "Feature") { name } }';
  const ask = async () => (await askSubgraph(usual, query)).answer.data;
  expect(await ask()).toEqual({ __type: null });
  expect((await usual.execute(query)).data).toEqual({ __type: { name: 'Feature' } });
  expect(await ask()).toEqual({ __type: null });
});

it('a batch cannot be repeated under the name that it has here', async () => {
  const { answer } = await askSubgraph(
    prefixed,
    'mutation { a: usage_trackBalances(inputs: []) { __typename } b: usage_trackBalances(inputs: []) { __typename } }',
  );
  expect(answer.errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
});

it('without SUBGRAPH, nothing is served there', async () => {
  const plain = await startTestGateway();
  const [there, anywhere] = await Promise.all(
    ['/subgraph', '/anywhere'].map((path) =>
      plain.send({ path, body: { query: '{ __typename }' } }),
    ),
  );
  await plain.close();
  expect(there?.status).toBe(404);
  expect(await there?.text()).toBe(await anywhere?.text());
});

describe('a gateway that reports to Apollo Studio', () => {
  const traced = (path: string) =>
    usual.send({
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
    const { answer } = await askSubgraph(usual, '{ customer(customerId: "acme") { customerId } }');
    expect(answer).toEqual({ data });
  });
});
