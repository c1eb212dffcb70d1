import { type Attacks, LARGE } from './attack.js';
import { postToSubgraph, times } from './requests.js';
import { type Site, theirsOf } from './site.js';

const ENTITIES = `query ($of: [_Any!]!) { _entities(representations: $of) {
  __typename
  ... on Customer { id }
  ... on TollgateCustomerEntity { id }
  ... on TollgateFeature { id }
  ... on TollgateBalance { granted }
  ... on TollgateUsageEvent { id }
} }`;

const ask = (site: Site, of: readonly unknown[], headers = {}) =>
  postToSubgraph(site, { query: ENTITIES, variables: { of } }, headers);

const acme = { __typename: 'Customer', customerId: 'acme' };

export const ENTITY_ATTACKS: Attacks = {
  kind: 'references of a gateway',
  attacks: [
    {
      name: 'to a type that does not exist, or is no entity',
      sends: (site) =>
        [
          'Nothing',
          'Query',
          'Mutation',
          'TollgateLedgerEntry2',
          'CustomerEntity',
          'customer',
          '__Type',
          '__proto__',
          'constructor',
          '',
          7,
          null,
          [],
          {},
        ].map((__typename) => ask(site, [{ __typename, id: 'a' }])),
      answers: '200 BAD_USER_INPUT',
    },
    {
      name: 'without a type, or that are no objects',
      sends: (site) =>
        [{}, { customerId: 'acme' }, 7, 'Customer', true, [], [acme]].map((one) =>
          ask(site, [one]),
        ),
      answers: '200 BAD_USER_INPUT',
    },
    {
      name: 'without a key, or with a part of one',
      sends: (site) =>
        [
          { __typename: 'Customer' },
          { __typename: 'Customer', customerId: null },
          { __typename: 'Customer', customer: 'acme' },
          { __typename: 'TollgateCustomerEntity', entityId: 'seat' },
          { __typename: 'TollgateCustomerEntity', customer: { customerId: 'acme' } },
          { __typename: 'TollgateCustomerEntity', entityId: 'seat', customer: {} },
          { __typename: 'TollgateCustomerEntity', entityId: 'seat', customer: null },
        ].map((one) => ask(site, [one])),
      answers: '200 BAD_USER_INPUT',
    },
    {
      name: 'with a key of another form, or with two that contradict each other',
      sends: (site) =>
        [
          { ...acme, customerId: 7 },
          { ...acme, customerId: ['acme'] },
          { ...acme, customerId: { customerId: 'acme' } },
          { ...acme, customerId: true },
          { ...acme, customerId: '' },
          { ...acme, customerId: 'acme\u0000' },
          { ...acme, customerId: 'x'.repeat(1_000_000) },
          { ...acme, id: theirsOf(site, 'Customer') },
          { ...acme, id: 'no id' },
          { __typename: 'Customer', id: theirsOf(site, 'Feature') },
          { __typename: 'TollgateCustomerEntity', entityId: 'seat', customer: 'acme' },
          { __typename: 'TollgateCustomerEntity', entityId: 'seat', customer: [acme] },
          { __typename: 'TollgateBalance', id: `${'QmFsYW5jZTo='.repeat(10_000)}` },
        ].map((one) => ask(site, [one])),
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'with more than a key',
      sends: (site) => [
        ask(site, [{ ...acme, projectId: 'other', __proto__: null, name: 'x', balances: [] }]),
        ask(site, [
          JSON.parse(`{"__typename":"Customer","customerId":"acme","__proto__":{"projectId":"x"}}`),
        ]),
        ask(site, [{ ...acme, constructor: { prototype: { polluted: 1 } } }]),
      ],
      answers: '200 OK',
    },
    {
      name: 'more than the limit',
      sends: (site) => [
        ask(
          site,
          times(1_001, () => acme),
        ),
        ask(
          site,
          times(10_001, () => acme),
        ),
        ask(
          site,
          times(20_000, () => ({})),
        ),
      ],
      answers: '200 BAD_USER_INPUT',
      bounds: LARGE,
    },
    {
      name: 'more than the limit, in many fields',
      sends: (site) => [
        postToSubgraph(site, {
          query: `query ($of: [_Any!]!) { ${times(20, (n) => `a${n}: _entities(representations: $of) { ... on Customer { balances { remaining } } }`).join(' ')} }`,
          variables: { of: times(1_000, (n) => ({ ...acme, customerId: `acme${n}` })) },
        }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
      bounds: LARGE,
    },
    {
      name: 'written in the document, deep and wide',
      sends: (site) => [
        postToSubgraph(site, {
          query: `{ _entities(representations: [${'{ a: '.repeat(90)}1${' }'.repeat(90)}]) { __typename } }`,
        }),
        postToSubgraph(site, {
          query: `{ _entities(representations: [${'{ __proto__: {} } '.repeat(300)}]) { __typename } }`,
        }),
      ],
      answers: '200 BAD_USER_INPUT',
      bounds: LARGE,
    },
    {
      name: 'to what belongs to another project',
      sends: (site) =>
        [
          { __typename: 'Customer', customerId: 'theirs' },
          { __typename: 'Customer', id: theirsOf(site, 'Customer') },
          { __typename: 'TollgateCustomerEntity', id: theirsOf(site, 'CustomerEntity') },
          {
            __typename: 'TollgateCustomerEntity',
            entityId: 'seat',
            customer: { customerId: 'theirs' },
          },
          { __typename: 'TollgateFeature', featureId: 'their-feature' },
          { __typename: 'TollgateFeature', id: theirsOf(site, 'Feature') },
          { __typename: 'TollgateBalance', id: theirsOf(site, 'Balance') },
          { __typename: 'TollgateUsageEvent', id: theirsOf(site, 'UsageEvent') },
        ].map((one) => ask(site, [one])),
      answers: '200 OK',
    },
    {
      name: 'with a key that may not read them',
      sends: (site) => [
        ask(site, [{ __typename: 'TollgateUsageEvent', id: theirsOf(site, 'UsageEvent') }], {
          Authorization: `Bearer ${site.reader}`,
        }),
      ],
      answers: '403 FORBIDDEN',
    },
    {
      name: 'without a key of the gateway',
      sends: (site) => [
        ask(site, [acme], { Authorization: '' }),
        postToSubgraph(site, { query: '{ _service { sdl } }' }, { Authorization: '' }),
      ],
      answers: '401 UNAUTHENTICATED',
    },
    {
      name: 'through the entrance for applications',
      sends: (site) => [
        ask(site, [acme]).replace('POST /subgraph', 'POST /graphql'),
        postToSubgraph(site, { query: '{ node(id: "a") { id } }' }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
    },
    {
      name: 'for the schema, under twenty names',
      sends: (site) => [
        postToSubgraph(site, {
          query: `{ ${times(20, (n) => `a${n}: _service { sdl }`).join(' ')} }`,
        }),
      ],
      answers: '200 OK',
      bounds: LARGE,
    },
  ],
};
