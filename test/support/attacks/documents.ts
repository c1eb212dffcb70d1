import { type Attacks, LARGE } from './attack.js';
import { post, times } from './requests.js';

const levels = (count: number): string =>
  count === 0 ? 'id' : `entity(entityId: "x") { customer { ${levels(count - 1)} } }`;

const pages = (count: number): string =>
  count === 0
    ? 'cursor'
    : `cursor node { entities(first: 100) { edges { node { customer { entities(first: 100) { edges { ${pages(count - 1)} } } } } } } }`;

export const DEPTH: Attacks = {
  kind: 'depth and length',
  attacks: [
    {
      name: 'a customer of an entity of a customer of an entity',
      sends: (site) => [
        post(site, { query: `{ customer(customerId: "acme") { ${levels(8)} } }` }),
        post(site, { query: `{ customer(customerId: "acme") { ${levels(150)} } }` }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
    },
    {
      name: 'pages of a hundred below each of a hundred',
      sends: (site) => [
        post(site, { query: `{ customers(first: 100) { edges { ${pages(1)} } } }` }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
    },
    {
      name: 'brackets that open and never close',
      sends: (site) => [
        post(site, { query: '{a'.repeat(60_000) }),
        post(site, { query: `{ a(b: ${'['.repeat(100_000)}` }),
        post(site, { query: `{ a(b: ${'{c:'.repeat(40_000)}` }),
        post(site, { query: `query (${'$a: ['.repeat(20_000)}` }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
      bounds: LARGE,
    },
    {
      name: 'a type in two hundred brackets',
      sends: (site) => [
        post(site, { query: `query ($a: ${'['.repeat(190)}Int${']'.repeat(190)}) { __typename }` }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
    },
    {
      name: 'a comment, spaces or commas as long as the limit',
      sends: (site) => [
        post(site, { query: `#${'x'.repeat(131_000)}\n{ __typename }` }),
        post(site, { query: `${' '.repeat(131_000)}{ __typename }` }),
        post(site, { query: `${','.repeat(131_000)}{ __typename }` }),
        post(site, { query: `${'\ufeff'.repeat(131_000)}{ __typename }` }),
      ],
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'more characters, lines or words than the limits',
      sends: (site) => [
        post(site, { query: `{ __typename ${' '.repeat(131_073)}}` }),
        post(site, { query: `{ __typename ${'\n'.repeat(5_001)}}` }),
        post(site, { query: `{ __typename ${'\r'.repeat(5_001)}}` }),
        post(site, { query: `{ ${'a '.repeat(2_000)} }` }),
        post(site, { query: 'a'.repeat(2_000_000) }),
      ],
      answers: '400 QUERY_TOO_COMPLEX',
      bounds: LARGE,
    },
    {
      name: 'a string or a block string as long as the limit, as an id',
      sends: (site) => [
        post(site, { query: `{ customer(customerId: "${'x'.repeat(130_000)}") { id } }` }),
        post(site, { query: `{ customer(customerId: "${'\\u0041'.repeat(21_000)}") { id } }` }),
        post(site, { query: `{ customer(customerId: """${'  x\n'.repeat(4_900)}""") { id } }` }),
        post(site, { query: `{ customer(customerId: """${'\\"""'.repeat(30_000)}""") { id } }` }),
      ],
      answers: '200 BAD_USER_INPUT',
      bounds: LARGE,
    },
    {
      name: 'a string that does not end',
      sends: (site) => [
        post(site, { query: `{ customer(customerId: "${'\\"'.repeat(60_000)}` }),
        post(site, { query: `{ customer(customerId: """${'"" '.repeat(40_000)}` }),
        post(site, { query: '{ a(b: "\\u{' }),
        post(site, { query: `{ a(b: "\\u{${'0'.repeat(100_000)}41}") }` }),
      ],
      answers: '400 GRAPHQL_PARSE_FAILED',
      bounds: LARGE,
    },
    {
      name: 'hundreds of operations, of which one is requested',
      sends: (site) => {
        const query = times(390, (n) => `query Q${n} { __typename }`).join(' ');
        return [post(site, { query, operationName: 'Q389' })];
      },
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'an operation that the document does not have',
      sends: (site) =>
        ['B', '__proto__', 'constructor', 'a\nb', '\u001b[2J', '\ud800', 'x'.repeat(100_000)].map(
          (operationName) => post(site, { query: 'query A { __typename }', operationName }),
        ),
      answers: '400 OPERATION_RESOLUTION_FAILURE',
      bounds: LARGE,
    },
    {
      name: 'a subscription',
      sends: (site) => [post(site, { query: 'subscription { __typename }' })],
      answers: '400 BAD_USER_INPUT',
    },
    {
      name: 'the definition of a schema',
      sends: (site) => [
        post(site, { query: 'type Query { a: Int }' }),
        post(site, { query: 'extend type Query { a: Int }' }),
        post(site, { query: '{ __typename } schema { query: Mutation }' }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
    },
  ],
};
