import { type Attacks, LARGE } from './attack.js';
import { plain, post, postText, raw, times } from './requests.js';
import type { Site } from './site.js';

const BODY = JSON.stringify({ query: '{ __typename }' });

const SMUGGLED = (site: Site) =>
  `GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${site.secret}\r\n\r\n`;

/** A head as it is written, of a request whose body follows. */
const written = (site: Site, lines: string, rest = BODY) =>
  `POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${site.secret}\r\nContent-Type: application/json\r\n${lines}\r\n\r\n${rest}`;

const LENGTH = `Content-Length: ${BODY.length}`;

const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

/** HTTP as bytes. */
export const WIRE: Attacks = {
  kind: 'HTTP',
  attacks: [
    {
      name: 'with two lengths, of which a proxy may use the other (smuggling)',
      sends: (site) => [
        written(site, `${LENGTH}\r\nTransfer-Encoding: chunked`, `0\r\n\r\n${SMUGGLED(site)}`),
        written(site, `Transfer-Encoding: chunked\r\n${LENGTH}`, CHUNKED),
        written(site, `Content-Length: 4\r\nContent-Length: ${BODY.length}`, BODY + SMUGGLED(site)),
        written(site, `Content-Length: ${BODY.length}, ${BODY.length}`),
      ],
      answers: '400',
    },
    {
      name: 'with a length that is none',
      sends: (site) =>
        ['-1', '+43', '4 3', '0x2b', '43;', 'abc', '18446744073709551617', '1e2'].map((length) =>
          written(site, `Content-Length: ${length}`),
        ),
      answers: '400',
    },
    {
      name: 'with a transfer encoding that is none',
      sends: (site) =>
        [
          'xchunked',
          'chunked, identity',
          'identity',
          'gzip, deflate',
          '\u000bchunked',
          'chunked, chunked x',
        ].map((encoding) => written(site, `Transfer-Encoding: ${encoding}`, CHUNKED)),
      answers: '400',
    },
    {
      name: 'with chunks that are none',
      sends: (site) =>
        [
          'fffffffffffffffff\r\nx',
          '-1\r\nx',
          '0x10\r\nx',
          'g\r\nx',
          `${BODY.length.toString(16)}\n${BODY}\r\n0\r\n\r\n`,
          '1\r\n{}\r\n0\r\n\r\n',
        ].map((rest) => written(site, 'Transfer-Encoding: chunked', rest)),
      answers: '400',
    },
    {
      name: 'with a chunk larger than any memory, which does not come',
      sends: (site) => [
        written(site, 'Transfer-Encoding: chunked', 'fffffffffffffff\r\n'),
        written(site, 'Content-Length: 9007199254740991', '{'),
      ],
      answers: ['400', '413 REQUEST_TOO_LARGE, 400'],
      isHeld: true,
    },
    {
      name: 'with extensions of chunks that do not end',
      sends: (site) => [
        written(site, 'Transfer-Encoding: chunked', `1;${'x'.repeat(20_000)}\r\n{\r\n`),
      ],
      answers: '413',
    },
    {
      name: 'with headers that are none',
      sends: (site) =>
        [
          'Content-Length : 43',
          ' Content-Length: 43',
          'Content-Length\r\n: 43',
          'X-A: b\r\n folded',
          'X-A\u0000: b',
          'X-A: b\u0000',
          'X-A: b\nX-B: c',
          ': empty',
          'no colon',
        ].map((line) => written(site, `${LENGTH}\r\n${line}`)),
      answers: '400',
    },
    {
      name: 'with more of headers than the limit',
      sends: (site) => [
        written(site, `${LENGTH}\r\nX-A: ${'x'.repeat(20_000)}`),
        written(site, [LENGTH, ...times(2_000, (n) => `X-${n}: abc`)].join('\r\n')),
        plain(site, `GET /${'x'.repeat(20_000)}`),
      ],
      answers: '431',
    },
    {
      name: 'of another version, or another protocol',
      sends: () => [
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        'GET / HTTP/9.9\r\n\r\n',
        'GET / http/1.1\r\nHost: a\r\n\r\n',
        'SSH-2.0-OpenSSH_9.0\r\n',
        Buffer.from('160301020001000001fc0303', 'hex'),
        Buffer.from('0000000804d2162f', 'hex'),
        '*1\r\n$4\r\nPING\r\n',
        '\u0000'.repeat(100),
      ],
      answers: '400',
    },
    {
      name: 'of the first version, which has no headers and so no key',
      sends: () => [
        'GET /graphql?query=%7B__typename%7D\r\n\r\n',
        'GET /graphql?query=%7B__typename%7D HTTP/0.9\r\n\r\n',
      ],
      answers: '401 UNAUTHENTICATED',
    },
    {
      name: 'with a method for proxies, for debugging, or for files',
      sends: (site) =>
        [
          'TRACE',
          'PUT',
          'DELETE',
          'PATCH',
          'OPTIONS',
          'PROPFIND',
          'MKCOL',
          'PURGE',
          'SEARCH',
          'QUERY',
        ].map((method) => plain(site, `${method} /graphql`)),
      answers: '405 BAD_REQUEST',
    },
    {
      name: 'with a method that does not exist',
      sends: () =>
        ['get', 'POSTS', 'GRAPHQL', 'P\u00d6ST', 'GET\t/graphql'].map((method) =>
          raw(`${method} /graphql`, { Host: 'localhost' }),
        ),
      answers: '400',
    },
    {
      name: 'to reach another server through this one',
      sends: (site) => [
        raw('CONNECT evil.example:443', {
          Host: 'evil.example:443',
          Authorization: `Bearer ${site.secret}`,
        }),
      ],
      answers: '',
    },
    {
      name: 'with an absolute address of another server',
      sends: (site) =>
        [
          'http://evil.example/nothing',
          'https://169.254.169.254/latest/meta-data',
          'http://localhost:5432/nothing',
        ].map((address) => plain(site, `GET ${address}`)),
      answers: '404 NOT_FOUND',
    },
    {
      name: 'with an address that is none',
      sends: (site) =>
        [
          'ftp://localhost/graphql',
          'file:///etc/passwd',
          '*',
          'http://',
          'http://a b/',
          'javascript:1',
        ].map((address) => plain(site, `GET ${address}`)),
      answers: '400',
    },
    {
      name: 'for files outside, and for files that are often left inside',
      sends: (site) =>
        [
          '/../../../etc/passwd',
          '/graphql/../../etc/passwd',
          '/%2e%2e/%2e%2e/etc/passwd',
          '/..%2f..%2fetc%2fpasswd',
          '/..%5c..%5cwindows',
          '/%c0%ae%c0%ae/etc/passwd',
          '/graphql%00',
          '/graphql;x=y',
          '/graphql%2f',
          '/.env',
          '/.git/config',
          '/package.json',
          '/node_modules/',
          '/schema.graphql',
          '/metrics',
          '/debug/pprof',
          '/server-status',
          '/admin',
          '//evil.example/%2f..',
        ].map((path) => plain(site, `GET ${path}`)),
      answers: '404 NOT_FOUND',
    },
    {
      name: 'with another address in a header',
      sends: (site) =>
        [
          'X-Original-URL',
          'X-Rewrite-URL',
          'X-Forwarded-Prefix',
          'X-Forwarded-Host',
          'Forwarded',
        ].map((name) => plain(site, 'GET /nothing', { [name]: '/graphql?query=%7B__typename%7D' })),
      answers: '404 NOT_FOUND',
    },
    {
      name: 'with two hosts, or with none',
      sends: (site) => [
        raw('GET /health', { Host: 'localhost\r\nHost: evil.example', Connection: 'close' }),
        raw('GET /health', { Connection: 'close' }),
        plain(site, 'GET /health', { Host: 'a/../b' }),
        plain(site, 'GET /health', { Host: 'evil.example:80@localhost' }),
      ],
      answers: '400',
    },
    {
      name: 'with an expectation',
      sends: (site) => [post(site, { query: '{ __typename }' }, { Expect: 'something-else' })],
      answers: '417',
    },
    {
      name: 'with a hundred requests before the first answer (pipelining)',
      sends: (site) => [
        times(100, () =>
          postText(site, BODY, { Connection: 'keep-alive', Authorization: '' }),
        ).join('') + postText(site, BODY, { Authorization: '' }),
      ],
      answers: times(101, () => '401 UNAUTHENTICATED').join(', '),
    },
    {
      name: 'with more bytes behind a body than it has',
      sends: (site) => [
        postText(site, BODY, { Connection: 'keep-alive', 'Content-Length': '2' }),
        written(site, 'Content-Length: 0', 'x'.repeat(10_000)),
      ],
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'with types to accept as long as a header can be',
      sends: (site) =>
        [
          times(500, (n) => `application/x-${n};q=0.5`).join(),
          `application/json${';q=1'.repeat(3_000)}`,
          `application/json;x="${'\\"'.repeat(7_000)}`,
          `${','.repeat(15_000)}`,
          `${' '.repeat(15_000)}/`,
        ].map((accept) => post(site, { query: '{ __typename }' }, { Accept: accept })),
      answers: '200 OK',
    },
    {
      name: 'with other headers as long as they can be, in forms that take long to match',
      sends: (site) => [
        post(site, { query: '{ __typename }' }, { 'Content-Encoding': ', '.repeat(7_000) }),
        post(site, { query: '{ __typename }' }, { 'X-Request-Id': 'a-'.repeat(7_000) }),
        post(
          site,
          { query: '{ __typename }' },
          { 'Content-Type': `application/json${' ;'.repeat(7_000)}` },
        ),
        post(site, { query: '{ __typename }' }, { Cookie: 'a=b; '.repeat(3_000) }),
        post(site, { query: '{ __typename }' }, { Range: `bytes=${'0-,'.repeat(5_000)}` }),
      ],
      answers: '200 OK',
    },
    {
      name: 'from hundreds of connections that send nothing',
      sends: () => times(500, () => ''),
      answers: '',
      isHeld: true,
      bounds: LARGE,
    },
  ],
};
