import { sha256Hex } from '../../../src/platform/digest.js';
import { type Attack, type Attacks, LARGE } from './attack.js';
import { get, post, postText, times } from './requests.js';
import { type Site, TRUSTED } from './site.js';

const QUERY = '{ __typename }';

const MUTATION = `mutation { createCustomer(input: { customerId: "new" }) { __typename } }`;

const send = (site: Site, members: object) => postText(site, JSON.stringify(members));

const hashed = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});

const ODD = [
  'nothing',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '\u0000',
  '\ud800',
  '%00',
  'x'.repeat(100_000),
];

const ENFORCED: readonly Attack[] = [
  {
    name: 'of a document that is not trusted',
    sends: (site) => [
      post(site, { query: QUERY }),
      send(site, { query: MUTATION }),
      send(site, { query: `${TRUSTED} ` }),
      send(site, { query: TRUSTED.toLowerCase() }),
      send(site, { query: MUTATION, ...hashed(sha256Hex(MUTATION)) }),
      post(site, { query: '{' }),
      get(site, { query: QUERY }),
    ],
    answers: '403 PERSISTED_DOCUMENT_ID_REQUIRED',
    at: 'ENFORCING',
  },
  {
    name: 'of a document with an id or a hash that is unknown, where none can be registered',
    sends: (site) => [
      ...ODD.map((documentId) => send(site, { documentId })),
      send(site, hashed(sha256Hex(QUERY))),
      get(site, { documentId: 'nothing' }),
    ],
    answers: '404 PERSISTED_DOCUMENT_NOT_FOUND',
    at: 'ENFORCING',
  },
  {
    name: 'of a document beside the id of a trusted one',
    sends: (site) => [
      send(site, { documentId: 'trusted', query: MUTATION }),
      send(site, { documentId: 'trusted', query: MUTATION, ...hashed(sha256Hex(TRUSTED)) }),
    ],
    answers: '400 BAD_REQUEST',
    at: 'ENFORCING',
  },
];

/** Documents by their id or hash. */
export const TRUSTED_ATTACKS: Attacks = {
  kind: 'requests',
  attacks: [
    ...ENFORCED,
    {
      name: 'of a document with an id that is unknown',
      sends: (site) => ODD.map((documentId) => send(site, { documentId })),
      answers: '404 PERSISTED_DOCUMENT_NOT_FOUND',
    },
    {
      name: 'of a document with an id or a hash that is none',
      sends: (site) =>
        [
          { documentId: 7 },
          { documentId: ['trusted'] },
          { documentId: { toString: 'trusted' } },
          hashed(7),
          hashed(['a']),
          hashed(''),
          hashed('a', 2),
          hashed('a', '1'),
          hashed('a', null),
        ].map((members) => send(site, members)),
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'to register a text under the hash of another one',
      sends: (site) => [
        send(site, { query: MUTATION, ...hashed(sha256Hex(QUERY)) }),
        send(site, { query: MUTATION, ...hashed(sha256Hex(TRUSTED)) }),
        send(site, { query: QUERY, ...hashed('trusted') }),
        send(site, { query: QUERY, ...hashed('__proto__') }),
        send(site, { query: QUERY, ...hashed(sha256Hex(QUERY).toUpperCase()) }),
        send(site, { query: QUERY, ...hashed(sha256Hex(`${QUERY}\n`)) }),
        send(site, { query: QUERY, ...hashed('0'.repeat(100_000)) }),
      ],
      answers: '400 PERSISTED_QUERY_MISMATCH',
    },
    {
      name: 'to execute what another project has registered',
      sends: (site) => {
        const theirs = 'query Registered { __typename }';
        return [
          postText(site, JSON.stringify({ query: theirs, ...hashed(sha256Hex(theirs)) }), {
            Authorization: `Bearer ${site.theirSecret}`,
          }),
          send(site, hashed(sha256Hex(theirs))),
        ];
      },
      answers: ['200 OK', '200 PERSISTED_QUERY_NOT_FOUND'],
    },
    {
      name: 'to register hundreds of texts as long as they can be',
      sends: (site) =>
        times(40, (n) => {
          const query = `${QUERY} #${String(n).padStart(120_000, 'x')}`;
          return send(site, { query, ...hashed(sha256Hex(query)) });
        }),
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'to register what is refused as soon as it is read',
      sends: (site) =>
        ['{', '{ nothing }', `{ ${'a '.repeat(2_000)} }`, 'a'.repeat(140_000)].map((query) =>
          send(site, { query, ...hashed(sha256Hex(query)) }),
        ),
      answers: [
        '400 GRAPHQL_PARSE_FAILED',
        '400 GRAPHQL_VALIDATION_FAILED',
        '400 QUERY_TOO_COMPLEX',
      ],
      bounds: LARGE,
    },
    {
      name: 'for a mutation by GET, with its hash',
      sends: (site) => [
        get(site, {
          query: MUTATION,
          extensions: JSON.stringify(hashed(sha256Hex(MUTATION)).extensions),
        }),
      ],
      answers: '405 BAD_REQUEST',
    },
  ],
};
