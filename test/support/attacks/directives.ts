import { type Attacks, LARGE } from './attack.js';
import { post, times } from './requests.js';

export const DIRECTIVES: Attacks = {
  kind: 'directives',
  attacks: [
    {
      name: 'that are unknown, hundreds of them on one field',
      sends: (site) => [post(site, { query: `{ __typename ${'@a '.repeat(900)} }` })],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
      bounds: LARGE,
    },
    {
      name: 'that are unknown, each of another name to be compared with the known ones',
      sends: (site) => [
        post(site, { query: `{ __typename ${times(900, (n) => `@includ${n}`).join(' ')} }` }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
      bounds: LARGE,
    },
    {
      name: 'that may occur once, hundreds of times',
      sends: (site) => [
        post(site, { query: `{ __typename ${'@include(if: true) '.repeat(280)} }` }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
      bounds: LARGE,
    },
    {
      name: 'of a schema, in a query',
      sends: (site) => [
        post(site, { query: '{ __typename @deprecated @specifiedBy(url: "x") @oneOf }' }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
    },
    {
      name: 'that stream an answer',
      sends: (site) => [
        post(site, { query: '{ customers @stream(initialCount: 0) { edges { cursor } } }' }),
        post(site, { query: '{ ... @defer { customers { edges { cursor } } } }' }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
    },
    {
      name: 'with conditions that make twenty operations out of one document',
      sends: (site) => {
        const names = times(60, (n) => `v${n}`);
        const query = `query (${names.map((name) => `$${name}: Boolean!`).join(' ')}) {
          customer(customerId: "acme") {
            ${names.map((name) => `${name}: customerId @skip(if: $${name})`).join(' ')}
          }
        }`;
        return times(20, (index) =>
          post(site, {
            query,
            variables: Object.fromEntries(
              names.map((name, n) => [name, ((index >> (n % 5)) & 1) === 1]),
            ),
          }),
        );
      },
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'with a condition that is no boolean',
      sends: (site) => [
        post(site, { query: '{ __typename @skip(if: "true") }' }),
        post(site, { query: '{ __typename @include(if: null) }' }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
    },
    {
      name: 'on a write that would be skipped by one spread only',
      sends: (site) => [
        post(site, {
          query: `mutation ($yes: Boolean!) { ...F @skip(if: $yes) ...F @include(if: $yes) }
            fragment F on Mutation { trackBalance(input: { customerId: "none", featureId: "messages" }) {
              ... on Error { code } } }`,
          variables: { yes: true },
        }),
      ],
      answers: '200 CUSTOMER_NOT_FOUND',
    },
  ],
};
