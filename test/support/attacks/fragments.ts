import { type Attacks, LARGE } from './attack.js';
import { post, times } from './requests.js';

/** Each level spreads the next one twice. */
const bomb = (levels: number, on: string, leaf: string) =>
  times(levels, (n) => `fragment B${n} on ${on} { ...B${n + 1} ...B${n + 1} }`).join(' ') +
  ` fragment B${levels} on ${on} { ${leaf} }`;

export const FRAGMENTS: Attacks = {
  kind: 'fragments',
  attacks: [
    {
      name: 'that contain themselves',
      sends: (site) => [
        post(site, { query: '{ ...A } fragment A on Query { ...A }' }),
        post(site, {
          query: '{ ...A } fragment A on Query { __typename ...B } fragment B on Query { ...A }',
        }),
        post(site, {
          query: `{ customer(customerId: "acme") { ...A } }
            fragment A on Customer { entity(entityId: "x") { customer { ...A } } }`,
        }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
    },
    {
      name: 'in a ring of two hundred',
      sends: (site) => [
        post(site, {
          query: `{ ...F0 } ${times(200, (n) => `fragment F${n} on Query { ...F${(n + 1) % 200} }`).join(' ')}`,
        }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
      bounds: LARGE,
    },
    {
      name: 'that double at each of thirty levels',
      sends: (site) => [post(site, { query: `{ ...B0 } ${bomb(30, 'Query', '__typename')}` })],
      answers: '400 QUERY_TOO_COMPLEX',
      bounds: LARGE,
    },
    {
      name: 'that double below the root',
      sends: (site) => [
        post(site, {
          query: `{ customer(customerId: "acme") { ...B0 } } ${bomb(30, 'Customer', 'customerId')}`,
        }),
      ],
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'that double through introspection',
      sends: (site) => [
        post(site, { query: `{ __schema { types { ...B0 } } } ${bomb(30, '__Type', 'name')}` }),
      ],
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'one after the other, too long a chain for a stack',
      sends: (site) => [
        post(site, {
          query: `{ ...F0 } ${times(240, (n) => `fragment F${n} on Query { ...F${n + 1} }`).join(' ')}
            fragment F240 on Query { __typename }`,
        }),
      ],
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'inline, nested deeper than a stack',
      sends: (site) => [
        post(site, { query: `${'{ ... '.repeat(5_000)}{ __typename ${'}'.repeat(5_001)}` }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
      bounds: LARGE,
    },
    {
      name: 'that are not used, do not exist, or do not fit',
      sends: (site) => [
        post(site, {
          query: `{ __typename } ${times(280, (n) => `fragment F${n} on Query { a }`).join(' ')}`,
        }),
        post(site, { query: `{ ${times(600, (n) => `...F${n}`).join(' ')} }` }),
        post(site, {
          query: `{ customer(customerId: "acme") { ...F } } fragment F on Feature { id }`,
        }),
        post(site, { query: '{ ... on __proto__ { a } ... on constructor { a } }' }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
      bounds: LARGE,
    },
    {
      name: 'with a reserved name, or without any',
      sends: (site) => [
        post(site, { query: '{ ...on } fragment on on Query { __typename }' }),
        post(site, { query: '{ ...F } fragment F on { __typename }' }),
        post(site, { query: '{ ... }' }),
      ],
      answers: '400 GRAPHQL_PARSE_FAILED',
    },
    {
      name: 'with the names of properties of every object',
      sends: (site) => [
        post(site, {
          query: `{ ...__proto__ ...constructor ...toString }
            fragment __proto__ on Query { a: __typename }
            fragment constructor on Query { b: __typename }
            fragment toString on Query { c: __typename }`,
        }),
      ],
      answers: '200 OK',
    },
  ],
};
