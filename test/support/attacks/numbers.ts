import { type Attacks, LARGE } from './attack.js';
import { post, postText, times } from './requests.js';
import type { Site } from './site.js';

const TRACK = `mutation ($input: BalancesTrackInput!) {
  trackBalance(input: $input) { __typename ... on Error { code } }
}`;

/** A value as it is written. */
const valued = (site: Site, value: string) =>
  postText(
    site,
    `{"query":${JSON.stringify(TRACK)},"variables":{"input":{"customerId":"acme","featureId":"messages","value":${value}}}}`,
  );

const literal = (site: Site, value: string) =>
  post(site, {
    query: `mutation { trackBalance(input: { customerId: "acme", featureId: "messages", value: ${value} }) {
      __typename ... on Error { code } } }`,
  });

const INVALID = [
  '1e400',
  '-1e400',
  '1e15',
  '1e16',
  '1e-11',
  '1e-400',
  '0.1234567890123',
  '1e999999999999',
];

export const NUMBERS: Attacks = {
  kind: 'numbers',
  attacks: [
    {
      name: 'too large or too small',
      sends: (site) => [
        ...INVALID.filter((value) => value !== '1e15').map((value) => valued(site, value)),
        ...INVALID.filter((value) => value !== '1e15').map((value) => literal(site, value)),
      ],
      answers: '200 INVALID_INPUT',
    },
    {
      name: 'with an exponent that would fill the memory',
      sends: (site) => [
        valued(site, '1e1000000000'),
        valued(site, '1e-1000000000'),
        valued(site, `1e${'9'.repeat(100_000)}`),
        literal(site, '1e1000000000'),
        literal(site, `1e-${'9'.repeat(100_000)}`),
      ],
      answers: '200 INVALID_INPUT',
      bounds: LARGE,
    },
    {
      name: 'with as many digits as a body allows',
      sends: (site) => [
        valued(site, '9'.repeat(1_900_000)),
        valued(site, `0.${'0'.repeat(1_900_000)}1`),
        valued(site, `-${'123456789'.repeat(200_000)}.5`),
        literal(site, '7'.repeat(120_000)),
      ],
      answers: '200 INVALID_INPUT',
      bounds: LARGE,
    },
    {
      name: 'of many digits, thousands of them',
      sends: (site) => [
        postText(
          site,
          `{"query":"{ __typename }","variables":{"a":[${times(6_000, () => '1'.repeat(300)).join()}]}}`,
        ),
      ],
      answers: '413 REQUEST_TOO_LARGE',
      bounds: LARGE,
    },
    {
      name: 'as text, or as something else',
      sends: (site) =>
        ['"1"', '"NaN"', '"Infinity"', 'true', '[1]', '{"value":1}', '"0x10"', '""'].map((value) =>
          valued(site, value),
        ),
      answers: '400 BAD_USER_INPUT',
    },
    {
      name: 'in a document, in a form that GraphQL does not have',
      sends: (site) =>
        ['01', '+1', '.5', '1.', '0x10', '1e', '1_000', '-'].map((value) => literal(site, value)),
      answers: '400 GRAPHQL_PARSE_FAILED',
    },
    {
      name: 'as words, in a document',
      sends: (site) =>
        ['NaN', 'Infinity', 'TRUE', '"1"', '[1]', '{ a: 1 }'].map((value) => literal(site, value)),
      answers: '400 GRAPHQL_VALIDATION_FAILED',
    },
  ],
};
