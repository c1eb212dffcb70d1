import type { Attacks } from './attack.js';
import { get, plain, post, postText, raw } from './requests.js';

/** A line of its own, an end of the line, a colour, a title of the terminal, and what JSON would have to escape. */
const FORGED = [
  '{"level":"fatal","msg":"canary"}',
  '","level":"fatal","msg":"canary',
  '\\n{"level":"fatal","msg":"canary"}',
  '%0d%0a{"level":"fatal"}',
  '$'.concat('{jndi:ldap://canary/a}'),
  '%s%s%n%o%j',
  '<script>canary</script>',
];

export const LOGS: Attacks = {
  kind: 'the log',
  attacks: [
    {
      name: 'by the id of a request',
      sends: (site) =>
        FORGED.map((text) => post(site, { query: '{ __typename }' }, { 'X-Request-Id': text })),
      answers: '200 OK',
    },
    {
      name: 'by control characters in the id of a request',
      sends: (site) =>
        ['a\nb', 'a\rb', 'a\u0000b', 'a\u001b[2Jb'].map((text) =>
          post(site, { query: '{ __typename }' }, { 'X-Request-Id': text }),
        ),
      answers: '400',
    },
    {
      name: 'by bytes of a header beyond ASCII',
      sends: (site) =>
        ['\u009b2J', '\u0085', '\u00e9', '\u2028', '\u202e'].map((text) =>
          post(
            site,
            { query: '{ __typename }' },
            { 'X-Request-Id': text, 'User-Agent': text, Referer: text },
          ),
        ),
      answers: '200 OK',
    },
    {
      name: 'by the name of an operation',
      sends: (site) =>
        [
          ...FORGED,
          'a\nb',
          'a\u001b[2Jb',
          'a\u0000b',
          '\u009b2J',
          '\u2028',
          '\ud800',
          '\u202e',
        ].map((operationName) => post(site, { query: 'query A { __typename }', operationName })),
      answers: '400 OPERATION_RESOLUTION_FAILURE',
    },
    {
      name: 'by ids, values and documents that are refused',
      sends: (site) =>
        [...FORGED, '\n{"level":"fatal"}\n', '\u001b[2J', '\u0000', '\u009b2J'].map((text) =>
          post(site, {
            query: 'query ($id: String!) { customer(customerId: $id) { id } }',
            variables: { id: text },
          }),
        ),
      answers: ['200 BAD_USER_INPUT', '200 OK'],
    },
    {
      name: 'by documents that cannot be read',
      sends: (site) => FORGED.map((text) => post(site, { query: `{ ${text}` })),
      answers: '400 GRAPHQL_PARSE_FAILED',
    },
    {
      name: 'by bodies and parameters that cannot be read',
      sends: (site) => [
        ...FORGED.map((text) => postText(site, `{${text}`)),
        ...FORGED.map((text) => get(site, { query: '{ __typename }', variables: `${text}{` })),
        ...FORGED.map((text) => postText(site, JSON.stringify({ query: '{ a }', [text]: 1 }))),
      ],
      answers: '400 BAD_REQUEST',
    },
    {
      name: 'by paths, methods and hosts',
      sends: (site) => [
        plain(site, 'GET /%0a%7b%22level%22:%22fatal%22%7d'),
        plain(site, 'GET /%1b%5b2J'),
        plain(site, 'GET /canary?%0a'),
        raw('GET /canary', {
          Host: 'localhost',
          Referer: 'canary',
          'User-Agent': 'canary',
          Connection: 'close',
        }),
      ],
      answers: '404 NOT_FOUND',
    },
  ],
};
