import { type Attacks, LARGE } from './attack.js';
import { get, plain, post, postText, raw } from './requests.js';
import { PAGE_ORIGIN } from './site.js';

const TRACK = `mutation {
  trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename }
}`;

const EVIL = { Origin: 'https://evil.example', Referer: 'https://evil.example/' };

const BOUNDARY = { 'Content-Type': 'multipart/form-data; boundary=x' };

const part = (name: string, text: string) =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;

/** What a page of another site could make a browser send; with a valid key, although a browser adds none by itself. */
export const CROSS_SITE: Attacks = {
  kind: 'requests from other sites',
  attacks: [
    {
      name: 'a mutation by GET',
      sends: (site) => [get(site, { query: TRACK }), get(site, { query: TRACK }, EVIL)],
      answers: '405 BAD_REQUEST',
    },
    {
      name: 'a mutation by GET beside a query, chosen by its name',
      sends: (site) => [
        get(site, {
          query: `query A { __typename } ${TRACK.replace('mutation', 'mutation B')}`,
          operationName: 'B',
        }),
      ],
      answers: '405 BAD_REQUEST',
    },
    {
      name: 'a mutation by HEAD',
      sends: (site) => [plain(site, `HEAD /graphql?${new URLSearchParams({ query: TRACK })}`)],
      answers: '405',
    },
    {
      name: 'a mutation by GET, said to be a POST',
      sends: (site) =>
        ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].flatMap((name) => [
          get(site, { query: TRACK }, { [name]: 'POST' }),
          get(site, { query: TRACK, _method: 'POST' }, { [name]: 'POST' }),
        ]),
      answers: '405 BAD_REQUEST',
    },
    {
      name: 'a mutation in the body of a GET',
      sends: (site) => [postText(site, JSON.stringify({ query: TRACK })).replace('POST', 'GET')],
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'a mutation in the address of a POST',
      sends: (site) => [
        postText(site, '{}').replace(
          '/graphql',
          `/graphql?${new URLSearchParams({ query: TRACK })}`,
        ),
      ],
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'a form',
      sends: (site) =>
        [
          'application/x-www-form-urlencoded',
          'Application/X-WWW-Form-Urlencoded; charset=utf-8',
        ].map((type) =>
          postText(site, String(new URLSearchParams({ query: TRACK })), { 'Content-Type': type }),
        ),
      answers: '415 UNSUPPORTED_MEDIA_TYPE',
    },
    {
      name: 'a form that is JSON, as plain text',
      sends: (site) =>
        [
          'text/plain',
          'text/plain;charset=UTF-8',
          'text/plain; application/json',
          'text/json',
          '*/*',
        ].map((type) => postText(site, JSON.stringify({ query: TRACK }), { 'Content-Type': type })),
      answers: '415 UNSUPPORTED_MEDIA_TYPE',
    },
    {
      name: 'a form with files (graphql-upload, CSRF)',
      sends: (site) => [
        postText(
          site,
          `${part('operations', JSON.stringify({ query: TRACK }))}${part('map', '{}')}--x--\r\n`,
          BOUNDARY,
        ),
        postText(
          site,
          `${part('operations', '{"query":"{ __typename }","variables":{"a":null}}')}${part('map', '{"0":["__proto__.polluted"]}')}${part('0', 'x')}--x--\r\n`,
          BOUNDARY,
        ),
      ],
      answers: '415 UNSUPPORTED_MEDIA_TYPE',
    },
    {
      name: 'a body without a type',
      sends: (site) => [
        postText(site, JSON.stringify({ query: TRACK })).replace(/Content-Type:[^\r]*\r\n/, ''),
        postText(site, JSON.stringify({ query: TRACK }), { 'Content-Type': '   ' }),
      ],
      answers: '415 UNSUPPORTED_MEDIA_TYPE',
    },
    {
      name: 'a type that only begins like JSON',
      sends: (site) =>
        [
          'application/jsonp',
          'application/json-seq',
          'application/json,text/plain',
          'application/json\u00a0',
        ].map((type) => postText(site, JSON.stringify({ query: TRACK }), { 'Content-Type': type })),
      answers: '415 UNSUPPORTED_MEDIA_TYPE',
    },
    {
      name: 'two types',
      sends: (site) => [
        postText(site, JSON.stringify({ query: TRACK }), {
          'Content-Type': 'text/plain\r\nContent-Type: application/json',
        }),
      ],
      answers: '415 UNSUPPORTED_MEDIA_TYPE',
    },
    {
      name: 'with cookies instead of a key',
      sends: (site) => [
        post(
          site,
          { query: TRACK },
          { Authorization: '', Cookie: `key=${site.secret}; authorization=Bearer ${site.secret}` },
        ),
      ],
      answers: '401 UNAUTHENTICATED',
    },
    {
      name: 'with the key in the address',
      sends: (site) =>
        ['key', 'token', 'access_token', 'authorization', 'api_key'].map((name) =>
          plain(site, `GET /graphql?${name}=${site.secret}&query=%7B__typename%7D`, {
            Authorization: '',
          }),
        ),
      answers: '401 UNAUTHENTICATED',
    },
    {
      name: 'a preflight that asks for everything',
      sends: (site) =>
        ['https://evil.example', 'null', 'http://localhost', '*'].map((origin) =>
          raw('OPTIONS /graphql', {
            Host: 'localhost',
            Origin: origin,
            'Access-Control-Request-Method': 'POST',
            'Access-Control-Request-Headers': 'authorization, content-type, x-anything',
            'Access-Control-Request-Private-Network': 'true',
            Authorization: `Bearer ${site.secret}`,
            Connection: 'close',
          }),
        ),
      answers: '204',
    },
    {
      name: 'a query whose answer another site would read',
      sends: (site) =>
        [
          'https://evil.example',
          'null',
          `${PAGE_ORIGIN}.evil.example`,
          'http://app.example',
        ].flatMap((origin) => [
          post(site, { query: '{ __typename }' }, { Origin: origin }),
          get(site, { query: '{ __typename }' }, { Origin: origin }),
        ]),
      answers: '200 OK',
    },
    {
      name: 'a page that shows what its address says',
      sends: (site) =>
        ['/', '/graphql', '/graphql/', '/subgraph', '/nothing'].map((path) =>
          plain(site, `GET ${path}?query=%3C%2Fscript%3E%3Cscript%3Ecanary&key=%22%3Ecanary`, {
            Accept: 'text/html',
            Authorization: '',
          }),
        ),
      answers: ['200', '401 UNAUTHENTICATED', '404'],
      bounds: LARGE,
    },
    {
      name: 'a socket (cross-site hijacking)',
      sends: (site) =>
        ['websocket', 'h2c', 'TLS/1.0'].map((protocol) =>
          post(
            site,
            { query: TRACK },
            {
              ...EVIL,
              Authorization: '',
              Connection: 'close, Upgrade',
              Upgrade: protocol,
              'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
              'Sec-WebSocket-Version': '13',
              'Sec-WebSocket-Protocol': 'graphql-transport-ws',
            },
          ),
        ),
      answers: '401 UNAUTHENTICATED',
    },
  ],
};
