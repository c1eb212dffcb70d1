import { type Attacks, LARGE } from './attack.js';
import { post, postBytes, postText } from './requests.js';

const TRACK = `mutation ($input: BalancesTrackInput!) {
  trackBalance(input: $input) { __typename ... on Error { code } }
}`;

const track = (input: object) => ({ query: TRACK, variables: { input } });

const QUERY = JSON.stringify({ query: '{ __typename }' });

/** Each code unit in so many bytes. */
const wide = (bytes: 2 | 4, isBigEndian: boolean) => {
  const body = Buffer.alloc(QUERY.length * bytes);
  [...QUERY].forEach((character, index) => {
    body[index * bytes + (isBigEndian ? bytes - 1 : 0)] = character.charCodeAt(0);
  });
  return body;
};

/** Ids that look like another one, or that an eye or a terminal does not see. */
const STRANGE = [
  'acme\u200b',
  '\u202eemca',
  '\u0430cme',
  'ac\u0301me',
  'acme ',
  'acme\n',
  'acme\u0000',
  'acme\u2028',
  '\u001b[2J',
  'acme\ud800',
  '\udfff',
  '\uffff',
  '\u{10ffff}',
  '',
];

export const UNICODE: Attacks = {
  kind: 'unicode',
  attacks: [
    {
      name: 'bytes that are no UTF-8: overlong, cut off, surrogates, beyond the last character',
      sends: (site) =>
        [
          [0xc0, 0xaf],
          [0xe0, 0x80, 0xaf],
          [0xf0, 0x9f, 0x98],
          [0xed, 0xa0, 0x80],
          [0xf4, 0x90, 0x80, 0x80],
          [0xff],
          [0x80],
        ].map((bytes) =>
          postBytes(
            site,
            Buffer.concat([
              Buffer.from('{"query":"{ __typename }","extensions":{"a":"'),
              Buffer.from(bytes),
              Buffer.from('"}}'),
            ]),
          ),
        ),
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'UTF-16 and UTF-32, with and without a byte order mark',
      sends: (site) =>
        ([2, 4] as const).flatMap((bytes) =>
          [true, false].flatMap((isBigEndian) => {
            const body = wide(bytes, isBigEndian);
            const mark = bytes === 4 ? [0, 0, 0xfe, 0xff] : [0xfe, 0xff];
            const marked = [Buffer.from(isBigEndian ? mark : mark.toReversed()), body];
            const type = `application/json; charset=utf-${8 * bytes}`;
            return [
              postBytes(site, body, { 'Content-Type': type }),
              postBytes(site, Buffer.concat(marked), { 'Content-Type': type }),
            ];
          }),
        ),
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'UTF-7 and other character sets',
      sends: (site) => [
        postText(site, '+AHsAIg-query+ACI-:+ACI-+AHs- +AF8AXw-typename +AH0AIgB9-', {
          'Content-Type': 'application/json; charset=utf-7',
        }),
        postBytes(site, Buffer.from('{"query":"{ __typename }","a":"\u00e9"}', 'latin1'), {
          'Content-Type': 'application/json; charset=iso-8859-1',
        }),
      ],
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'ids that look like others, or cannot be seen',
      sends: (site) =>
        STRANGE.map((customerId) => post(site, track({ customerId, featureId: 'messages' }))),
      answers: '200 INVALID_INPUT',
    },
    {
      name: 'keys and names that cannot be stored',
      sends: (site) =>
        ['\u0000', 'a\u0000b', '\ud800', 'a\udc00b', '\ud83d\ud83d'].flatMap((text) => [
          post(site, track({ customerId: 'acme', featureId: 'messages', idempotencyKey: text })),
          post(site, track({ customerId: 'acme', eventName: text })),
          post(site, track({ customerId: 'acme', featureId: 'messages', properties: { a: text } })),
          post(
            site,
            track({ customerId: 'acme', featureId: 'messages', properties: { [text]: 1 } }),
          ),
        ]),
      answers: '200 INVALID_INPUT',
    },
    {
      name: 'escapes of a document that are no character',
      sends: (site) =>
        ['\\u{110000}', '\\u{D800}', '\\uD800', '\\uDC00\\uD800', '\\u{}', '\\u{-1}', '\\x41'].map(
          (escaped) => post(site, { query: `{ customer(customerId: "${escaped}") { id } }` }),
        ),
      answers: '400 GRAPHQL_PARSE_FAILED',
    },
    {
      name: 'characters of a document that are no GraphQL',
      sends: (site) =>
        ['\u0000', '\u2028', '\u00a0', '\u200b', '\uff5b', '\ud800', '\u001b[31m', 'caf\u00e9'].map(
          (text) => post(site, { query: `{ ${text} __typename }` }),
        ),
      answers: '400 GRAPHQL_PARSE_FAILED',
    },
    {
      name: 'digits of other scripts as numbers',
      sends: (site) =>
        ['\u0661', '\uff11', '1\u00a0000', '1_000', '1,000', '\u2212'].map((first) =>
          post(site, {
            query: 'query ($first: Int) { customers(first: $first) { edges { cursor } } }',
            variables: { first },
          }),
        ),
      answers: '400 BAD_USER_INPUT',
    },
    {
      name: 'a text of combining marks as long as a body allows',
      sends: (site) => [
        post(site, track({ customerId: `a${'\u0301'.repeat(500_000)}`, featureId: 'messages' })),
        post(site, track({ customerId: 'acme', eventName: '\ufdfa'.repeat(300_000) })),
      ],
      answers: '200 INVALID_INPUT',
      bounds: LARGE,
    },
  ],
};
