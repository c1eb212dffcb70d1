import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type Attacks, LARGE } from './attack.js';
import { post, postBytes, postText, raw, times } from './requests.js';
import type { Site } from './site.js';

const MIB = 1024 * 1024;
const SPACES = Buffer.alloc(20 * MIB, ' ');
const BOMB = gzipSync(SPACES);
const QUERY = JSON.stringify({ query: '{ __typename }' });

const head = (site: Site, headers: Readonly<Record<string, string>>) =>
  raw('POST /graphql', {
    Host: 'localhost',
    Authorization: `Bearer ${site.secret}`,
    'Content-Type': 'application/json',
    Connection: 'close',
    ...headers,
  });

const chunked = (...chunks: readonly string[]) =>
  `${chunks.map((text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`).join('')}0\r\n\r\n`;

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

export const BODIES: Attacks = {
  kind: 'bodies',
  attacks: [
    {
      name: 'that grow when they are unpacked',
      sends: (site) => [
        postBytes(site, BOMB, { 'Content-Encoding': 'gzip' }),
        postBytes(site, deflateSync(SPACES), { 'Content-Encoding': 'deflate' }),
        postBytes(site, brotliCompressSync(QUERY), { 'Content-Encoding': 'br' }),
        postBytes(site, gzipSync(BOMB), { 'Content-Encoding': 'gzip, gzip' }),
        postBytes(site, gzipSync(QUERY), { 'Content-Encoding': 'identity, x-gzip' }),
      ],
      answers: '415 UNSUPPORTED_MEDIA_TYPE',
      bounds: LARGE,
    },
    {
      name: 'that are packed although they do not say so',
      sends: (site) => [postBytes(site, gzipSync(QUERY)), postBytes(site, BOMB)],
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'larger than the limit, declared, in one chunk or in thousands',
      sends: (site) => [
        postText(site, 'x'.repeat(2 * MIB + 1)),
        head(site, { 'Transfer-Encoding': 'chunked' }) + chunked('x'.repeat(3 * MIB)),
        head(site, { 'Transfer-Encoding': 'chunked' }) +
          chunked(...times(3 * 1_024, () => 'x'.repeat(1_024))),
      ],
      answers: '413 REQUEST_TOO_LARGE',
      bounds: LARGE,
    },
    {
      name: 'in chunks of one byte',
      sends: (site) => [
        head(site, { 'Transfer-Encoding': 'chunked' }) +
          chunked(...`{"query":"{ __typename }","extensions":{"a":"${'x'.repeat(20_000)}"}}`),
      ],
      answers: '200 OK',
      bounds: LARGE,
    },
    {
      name: 'that a hundred clients begin and do not continue',
      sends: (site) =>
        times(100, () => `${head(site, { 'Content-Length': '1000' })}{"query":"mutation {`),
      answers: '400',
      isHeld: true,
      bounds: LARGE,
    },
    {
      name: 'that a hundred clients announce as large as possible',
      sends: (site) => times(100, () => head(site, { 'Content-Length': String(2 * MIB) })),
      answers: ['400', '503 OVERLOADED'],
      isHeld: true,
      bounds: LARGE,
    },
    {
      name: 'of requests whose heads do not end',
      sends: () => times(100, () => 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-A: '),
      answers: '400',
      isHeld: true,
      bounds: LARGE,
    },
    {
      name: 'that end too early with a complete mutation',
      sends: (site) => {
        const text = JSON.stringify({
          query: 'mutation { createCustomer(input: { customerId: "early" }) { __typename } }',
        });
        return [head(site, { 'Content-Length': String(text.length + 1) }) + text];
      },
      answers: '400',
      isHeld: true,
    },
    {
      name: 'nested as deep as a stack, or deeper',
      sends: (site) => [
        postText(site, nested(200_000)),
        postText(site, '['.repeat(1_900_000)),
        postText(site, '{"query":'.repeat(150_000)),
        postText(site, `{"query":"{ __typename }","extensions":${nested(40_000)}}`),
      ],
      answers: ['200 OK', '413 REQUEST_TOO_LARGE'],
      bounds: LARGE,
    },
    {
      name: 'with more values than the limit',
      sends: (site) => [
        postText(site, `{"query":"{ __typename }","variables":{"a":[${'1,'.repeat(900_000)}1]}}`),
        postText(site, `{"query":"{ __typename }","variables":{"a":[${'{},'.repeat(600_000)}1]}}`),
        postText(site, `{${times(110_000, (n) => `"k${n}":0`).join()}}`),
      ],
      answers: '413 REQUEST_TOO_LARGE',
      bounds: LARGE,
    },
    {
      name: 'with two members of one name, of which a proxy may read the other',
      sends: (site) => [
        postText(site, '{"query":"{ __typename }","query":"mutation { __typename }","query":7}'),
        postText(site, '{"query":"{ __typename }","\\u0071uery":{}}'),
      ],
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'with comments, trailing commas, quotes or words that JSON does not have',
      sends: (site) =>
        [
          '{"query":"{ __typename }",}',
          '{"query":"{ __typename }" /* */}',
          "{'query':'{ __typename }'}",
          '{query:"{ __typename }"}',
          '{"query":"{ __typename }","variables":{"a":NaN}}',
          '{"query":"{ __typename }","variables":{"a":Infinity}}',
          '{"query":"{ __typename }","variables":{"a":0x10}}',
          '{"query":"{ __typename }","variables":{"a":01}}',
          '{"query":"{ __typename }","variables":{"a":undefined}}',
          '{"query":"{ __typename }","variables":{"a":"\u0001"}}',
          '{"query":"{ __typename }"}\u0000',
          ')]}\',\n{"query":"{ __typename }"}',
        ].map((body) => postText(site, body)),
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'with members of another protocol',
      sends: (site) =>
        [
          { id: 1 },
          { jsonrpc: '2.0' },
          { batch: [] },
          { documentId: {} },
          { query2: '{ __typename }' },
          { $where: '1' },
        ].map((members) => postText(site, JSON.stringify({ query: '{ __typename }', ...members }))),
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'whose document is no text',
      sends: (site) =>
        [1, true, [], {}, ['{ __typename }'], { toString: '{ __typename }' }, null, ''].map(
          (query) => postText(site, JSON.stringify({ query })),
        ),
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'that ask for the descriptions of all fields nineteen times',
      sends: (site) => [
        post(site, {
          query: `{ ${times(19, (n) => `a${n}: __type(name: "Query") { ...T }`).join(' ')} }
            fragment T on __Type { fields { description args { description } } }`,
        }),
      ],
      answers: '200 OK',
      bounds: LARGE,
    },
  ],
};
