import { type Attacks, LARGE } from './attack.js';
import { post, postText, times } from './requests.js';

const TRACKED = { customerId: 'acme', featureId: 'messages' };

const BATCH = `mutation ($inputs: [BalancesTrackInput!]!) {
  trackBalances(inputs: $inputs) { __typename ... on Error { code } }
}`;

const ONE = JSON.stringify({ query: '{ __typename }' });

export const BATCHES: Attacks = {
  kind: 'batches and lists',
  attacks: [
    {
      name: 'operations in a list',
      sends: (site) => [
        postText(site, `[${ONE},${ONE}]`),
        postText(site, `[${times(10_000, () => ONE).join()}]`),
        postText(site, `[[${ONE}]]`),
        postText(site, '[]'),
      ],
      answers: '400 BAD_REQUEST',
      bounds: LARGE,
    },
    {
      name: 'operations by line, or one after the other',
      sends: (site) => [
        postText(site, `${ONE}\n${ONE}`),
        postText(site, `${ONE}${ONE}`),
        postText(site, `${ONE}\u001e${ONE}`),
        postText(site, JSON.stringify({ 0: { query: '{ __typename }' }, length: 1 })),
      ],
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'more usage than a batch may have',
      sends: (site) => [
        post(site, { query: BATCH, variables: { inputs: times(1_001, () => TRACKED) } }),
        post(site, { query: BATCH, variables: { inputs: times(20_001, () => ({})) } }),
        post(site, { query: BATCH, variables: { inputs: [] } }),
      ],
      answers: ['200 BAD_USER_INPUT', '400 BAD_USER_INPUT'],
      bounds: LARGE,
    },
    {
      name: 'usage in lists within lists',
      sends: (site) => [
        postText(
          site,
          `{"query":${JSON.stringify(BATCH)},"variables":{"inputs":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`,
        ),
        post(site, { query: BATCH, variables: { inputs: [[TRACKED]] } }),
      ],
      answers: '400 BAD_USER_INPUT',
      bounds: LARGE,
    },
    {
      name: 'a list of items that are all wrong, each to be told',
      sends: (site) => [
        post(site, {
          query: BATCH,
          variables: { inputs: times(5_000, (n) => ({ customerId: n, unknown: '<b>' })) },
        }),
      ],
      answers: '400 BAD_USER_INPUT',
      bounds: LARGE,
    },
    {
      name: 'thousands of variables that are not used',
      sends: (site) => [
        post(site, {
          query: '{ __typename }',
          variables: Object.fromEntries(times(40_000, (n) => [`v${n}`, n])),
        }),
      ],
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'hundreds of variables that are wrong',
      sends: (site) => [
        post(site, {
          query: `query (${times(300, (n) => `$v${n}: Int!`).join(' ')}) {
            ${times(19, (n) => `a${n}: customers(first: $v${n}) { edges { cursor } }`).join(' ')} }`,
        }),
      ],
      answers: '400 GRAPHQL_VALIDATION_FAILED',
      bounds: LARGE,
    },
    {
      name: 'a page of a negative, fractional, or enormous size',
      sends: (site) =>
        ['-1', '101', '2147483647'].map((first) =>
          post(site, { query: `{ customers(first: ${first}) { edges { cursor } } }` }),
        ),
      answers: '200 BAD_USER_INPUT',
    },
    {
      name: 'a size that is no 32-bit integer',
      sends: (site) =>
        [1.5, 2147483648, 1e308, '1', true, [1], { a: 1 }].map((first) =>
          post(site, {
            query: 'query ($first: Int) { customers(first: $first) { edges { cursor } } }',
            variables: { first },
          }),
        ),
      answers: '400 BAD_USER_INPUT',
    },
  ],
};
