import { type Attacks, LARGE } from './attack.js';
import { post, times } from './requests.js';
import type { Site } from './site.js';

const TRACK = {
  query: `mutation { trackBalance(input: { customerId: "acme", featureId: "messages" }) {
    __typename ... on Error { code } } }`,
};

const keyed = (site: Site, key: string) => post(site, TRACK, { 'Idempotency-Key': key });

export const IDEMPOTENCY_ATTACKS: Attacks = {
  kind: 'the key of a request',
  attacks: [
    {
      name: 'that is empty, too long, or no text of the standard',
      sends: (site) => [
        ...['""', '"', '"a', '"a" b', '"\\', '"\\a"', `"${'a'.repeat(251)}"`, 'a'.repeat(251)].map(
          (key) => keyed(site, key),
        ),
        keyed(site, '\u00e9'),
        keyed(site, 'a\tb'),
        keyed(site, ' '.repeat(10)),
      ],
      answers: '400 IDEMPOTENCY_KEY_INVALID',
    },
    {
      name: 'that is sent twice, of which a proxy may use the other',
      sends: (site) => [
        keyed(site, 'a\r\nIdempotency-Key: b'),
        keyed(site, 'a, b'),
        keyed(site, 'a,a'),
      ],
      answers: '400 IDEMPOTENCY_KEY_INVALID',
    },
    {
      name: 'that takes long to match',
      sends: (site) => [
        keyed(site, `"${'\\\\'.repeat(7_000)}`),
        keyed(site, `"${'\\"'.repeat(7_000)}`),
        keyed(site, `"${'a'.repeat(15_000)}`),
        keyed(site, `${' '.repeat(15_000)}"`),
      ],
      answers: '400 IDEMPOTENCY_KEY_INVALID',
    },
    {
      name: 'that is too long once it is spread over a batch or many fields',
      sends: (site) => [
        post(
          site,
          {
            query: `mutation { ${times(
              2,
              (n) => `${'a'.repeat(200)}${n}: createBalance(input: {
              customerId: "none", featureId: "messages", granted: 1 }) { __typename }`,
            ).join(' ')} }`,
          },
          { 'Idempotency-Key': 'k'.repeat(60) },
        ),
      ],
      answers: '400 IDEMPOTENCY_KEY_INVALID',
      bounds: LARGE,
    },
    {
      name: 'that another project has used',
      sends: (site) => [
        post(
          site,
          {
            query: `mutation { trackBalance(input: { customerId: "theirs", featureId: "their-feature" }) {
              __typename ... on Error { code } } }`,
          },
          { 'Idempotency-Key': 'used' },
        ),
      ],
      answers: '200 CUSTOMER_NOT_FOUND',
    },
    {
      name: 'in the header of a proxy, forged as a line of the log',
      sends: (site) =>
        ['{"level":"fatal","msg":"canary"}', '"canary\\u001b[2J', '"'].map((key) =>
          post(site, TRACK, { 'X-Correlation-Id': key }),
        ),
      answers: '400 IDEMPOTENCY_KEY_INVALID',
    },
  ],
};
