/** Host headers and request targets: every valid form is served, and the rest is refused without details. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRaw, rawPost } from '../support/client/raw-http.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { createLog, type TestLog } from '../support/gateway/log.js';

let gateway: TestGateway;
let log: TestLog;

beforeAll(async () => {
  log = createLog();
  gateway = await startTestGateway({ logger: log.logger });
});
afterAll(() => gateway.close());

const BODY = JSON.stringify({ query: '{ __typename }' });

/** Sends one request and returns everything received until the server closes the connection. */
function exchange(request: string): Promise<string> {
  const connection = openRaw(gateway.origin);
  connection.write(request);
  return connection.closed();
}

const get = (target: string, host: string) =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

const post = (target: string, host: string, others: Record<string, string> = {}) =>
  rawPost(BODY, { Host: host, Connection: 'close', ...others }, target);

const withKey = () => ({ Authorization: `Bearer ${gateway.secret}` });

const REFUSED =
  /^HTTP\/1\.1 400 Bad Request\r\nContent-Length: 0\r\n(?:Date: [^\r]+\r\n)?Connection: close\r\nX-Request-Id: [\w-]{36}\r\n(?:Date: [^\r]+\r\n)?\r\n$/;

const BAD_HOSTS = [
  '[',
  ']',
  '[]',
  '[::1',
  '[::1]x',
  '[::g]',
  'a b',
  'x:99999',
  'x:-1',
  'x:y',
  'x:1:2',
  '%',
  '%zz',
  'a%20b',
  'a/b',
  'a?b',
  'a#b',
  'user@host',
  'user:secret@host',
  'a\\b',
  'a<b',
  'a|b',
  'a^b',
  '"a"',
  '{a}',
  '1.2.3.4.5',
  '256.1.1.1',
  ':80',
  'xn--a',
  'a,b c',
  'h\u00f6st',
  'http://host',
];

describe.each(BAD_HOSTS)('the host %j is refused', (host) => {
  it.each([
    ['an operation', () => post('/graphql', host, withKey())],
    ['an operation without a key', () => post('/graphql', host)],
    ['an operation in the URL', () => get('/graphql?query=%7B__typename%7D', host)],
    ['a page', () => get('/', host)],
    ['a health check', () => get('/health', host)],
    ['an unknown path', () => get('/nothing', host)],
    ['an absolute URL', () => post(`http://${host}/graphql`, 'localhost', withKey())],
  ])('with %s', async (what, request) => {
    // Node itself refuses characters that no URL can contain.
    const isOurs = what !== 'an absolute URL';
    const answer = await exchange(request());
    if (isOurs) expect(answer).toMatch(REFUSED);
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(answer).not.toMatch(/[/\\]src[/\\]|node_modules|Error|at /);
  });
});

describe.each([
  'localhost',
  'LOCALHOST:4000',
  'tollgate.example.com',
  'tollgate.example.com.',
  'my_service:4000',
  'my-service.default.svc.cluster.local',
  '127.0.0.1',
  '127.0.0.1:',
  '10.0.0.1:65535',
  '[::1]',
  '[::1]:4000',
  '[2001:db8::1.2.3.4]:0',
  'xn--bcher-kva.example',
])('the host %j is served', (host) => {
  it.each([
    ['an operation', () => post('/graphql', host, withKey()), '{"data":{"__typename":"Query"}}'],
    ['a health check', () => get('/health', host), 'ok'],
    [
      'an absolute URL',
      () => post(`http://${host}/graphql`, 'localhost', withKey()),
      '{"data":{"__typename":"Query"}}',
    ],
    ['a health check at an absolute URL', () => get(`http://${host}/health?x=1`, host), 'ok'],
  ])('with %s', async (_what, request, body) => {
    const answer = await exchange(request());
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.endsWith(`\r\n\r\n${body}`)).toBe(true);
  });
});

it.each(['localhost', 'other', ''])('a second Host, %j, is refused', async (second) => {
  const request = get('/health', 'localhost').replace('\r\n\r\n', `\r\nhOST: ${second}\r\n\r\n`);
  expect(await exchange(request)).toMatch(REFUSED);
});

describe('a target', () => {
  it.each([
    ['//graphql', 404],
    ['//evil.example/graphql', 404],
    ['/graphql//', 404],
    ['/graphqlx', 404],
    ['/x/graphql', 404],
    ['/x?y=/graphql', 404],
    ['/%', 404],
    ['/%zz?%', 404],
    ['/\\graphql', 404],
    ['/..', 404],
    ['/graphql/', 200],
    ['/graphql?op=Name', 200],
    ['/graphql?', 200],
    ['/graphql?%', 200],
    ['/graphql/?a=b&query=%7Bnothing%7D', 200],
    ['http://localhost/graphql?op=Name', 200],
    ['HTTP://localhost:80/graphql', 200],
    ['https://localhost/graphql', 200],
    ['http://localhost?x=/graphql', 404],
    ['http://localhost', 404],
    ['*', 400],
    ['ftp://localhost/graphql', 400],
    ['http:/graphql', 400],
    ['http://', 400],
  ])('%s gets status %i', async (target, status) => {
    const answer = await exchange(post(target, 'localhost', withKey()));
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).not.toMatch(/node_modules|Error:|at /);
  });

  it('with an empty Host header is served', async () => {
    expect(await exchange(get('/health', ''))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await exchange(post('/graphql', '', withKey()))).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('without a Host header is served over HTTP/1.0', async () => {
    expect(await exchange('GET /health HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });
});

it('none of these requests logs an error', () => {
  expect(log.lines().filter(({ level }) => level === 'error')).toEqual([]);
});
