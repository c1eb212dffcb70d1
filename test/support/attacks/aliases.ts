import { type Attacks, LARGE } from './attack.js';
import { post, times } from './requests.js';

const TRACK = 'trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename }';
const BATCH =
  'trackBalances(inputs: [{ customerId: "acme", featureId: "messages" }]) { __typename }';

/** Many fields under different names, or one field many times. */
export const ALIASES: Attacks = {
  kind: 'aliases and repeated fields',
  attacks: [
    {
      name: 'multiply a write at the root',
      sends: (site) => [
        post(site, { query: `mutation { ${times(21, (n) => `a${n}: ${TRACK}`).join(' ')} }` }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
    },
    {
      name: 'multiply a batch at the root',
      sends: (site) => [post(site, { query: `mutation { a: ${BATCH} b: ${BATCH} }` })],
      answers: '400 QUERY_TOO_COMPLEX',
    },
    {
      name: 'multiply __typename, which many servers do not count',
      sends: (site) => [
        post(site, { query: `{ ${times(600, (n) => `a${n}: __typename`).join(' ')} }` }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
    },
    {
      name: 'multiply pages below the root',
      sends: (site) => [
        post(site, {
          query: `{ customers(first: 100) { edges { node {
            ${times(60, (n) => `a${n}: events(first: 100) { edges { node { id } } }`).join(' ')}
          } } } }`,
        }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
      bounds: LARGE,
    },
    {
      name: 'multiply a leaf as often as a document allows',
      sends: (site) => [
        post(site, {
          query: `{ customer(customerId: "acme") {
            ${times(650, (n) => `a${n}: customerId`).join(' ')} } }`,
        }),
      ],
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'look up a customer under twenty names, to try ids',
      sends: (site) => [
        post(site, {
          query: `{ ${times(20, (n) => `a${n}: customer(customerId: "theirs${n}") { id }`).join(' ')} }`,
        }),
      ],
      answers: '200 OK',
    },
    {
      name: 'repeat one field (graphql-js, CVE-2023-26144)',
      sends: (site) => [post(site, { query: `{ ${'__typename '.repeat(1_900)} }` })],
      answers: '400 QUERY_TOO_COMPLEX',
      bounds: LARGE,
    },
    {
      name: 'repeat one field below the root',
      sends: (site) => [
        post(site, {
          query: `{ customer(customerId: "acme") { ${'customerId '.repeat(1_900)} } }`,
        }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
      bounds: LARGE,
    },
    {
      name: 'repeat a field with a selection, each to be merged with all others',
      sends: (site) => [
        post(site, {
          query: `{ customer(customerId: "acme") { ${'balances { remaining } '.repeat(480)} } }`,
        }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
      bounds: LARGE,
    },
    {
      name: 'repeat one name with other arguments, each in conflict with all others',
      sends: (site) => [
        post(site, {
          query: `{ ${times(19, (n) => `b${n}: __typename`).join(' ')}
            ${times(50, (n) => `a: customer(customerId: "${n}") { id }`).join(' ')} }`,
        }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
      bounds: LARGE,
    },
    {
      name: 'repeat fields in fragments that are compared in pairs',
      sends: (site) => [
        post(site, {
          query: `{ customer(customerId: "acme") { ${times(120, (n) => `...F${n}`).join(' ')} } }
            ${times(120, (n) => `fragment F${n} on Customer { a${n}: customerId b${n}: id }`).join(' ')}`,
        }),
      ],
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'name fields like properties of every object',
      sends: (site) => [
        post(site, {
          query: `{ __proto__: __typename constructor: __typename toString: __typename then: __typename
            toJSON: __typename valueOf: __typename hasOwnProperty: __typename }`,
        }),
      ],
      answers: '200 OK',
    },
  ],
};
