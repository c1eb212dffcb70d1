import { afterAll, beforeAll, expect, it } from 'vitest';
import { graphiqlAddress } from '../../src/http/graphiql.js';
import { isThroughFetch } from '../support/gateway/adapter.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;
let without: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  without = await startTestGateway({ graphiql: false });
});
afterAll(async () => {
  await gateway.close();
  await without.close();
});

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', authorization: '' };

it('GraphiQL is served to browsers without a key', async () => {
  const response = await gateway.send({ method: 'GET', headers: browser });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const page = await response.text();
  expect(page).toContain('<div id="root">');
  expect(page).toContain('customerId: \\"acme\\"');
  expect(page).toContain('<label for="key">API key</label>');
  expect(page).not.toContain(gateway.secret);
});

it('GraphiQL loads nothing from other servers', async () => {
  const page = await (await gateway.send({ method: 'GET', headers: browser })).text();
  expect(page).not.toMatch(/<(script|link|img)[^>]+(src|href)="(https?:)?\/\//);
  expect(page).not.toMatch(/unpkg\.com|jsdelivr|cdnjs|googleapis/);
});

it('GraphiQL is compressed for browsers that accept gzip', async () => {
  const headers = { ...browser, 'accept-encoding': 'gzip' };
  const response = await gateway.send({ method: 'GET', headers });
  expect(response.headers.get('content-encoding')).toBe('gzip');
  expect((await response.text()).length).toBeGreaterThan(1_000_000);
});

it.each(['/', '/graphql'])('%s is not sent again to a browser that has it', async (path) => {
  const first = await gateway.send({ method: 'GET', path, headers: browser });
  await first.text();
  const tag = first.headers.get('etag') ?? '';
  const known = { ...browser, 'if-none-match': `"other", ${tag}` };
  const again = await gateway.send({ method: 'GET', path, headers: known });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe('');
  expect(again.headers.get('content-security-policy')).toBe(
    first.headers.get('content-security-policy'),
  );
  const outdated = { ...browser, 'if-none-match': 'W/"other"' };
  const other = await gateway.send({ method: 'GET', path, headers: outdated });
  expect(other.status).toBe(200);
  await other.text();
});

it('GraphiQL gets the key in the fragment of the URL, which browsers do not send', () => {
  const address = graphiqlAddress({ origin: 'http://127.0.0.1:4000', secret: 'tg_sk_a-b_c' });
  expect(address).toBe('http://127.0.0.1:4000/graphql#key=tg_sk_a-b_c');
});

it('if GraphiQL is turned off, a page says how to turn it on', async () => {
  const response = await without.send({ method: 'GET', headers: browser });
  expect(response.status).toBe(200);
  const page = await response.text();
  expect(page).toContain('GRAPHIQL=on');
  expect(page).not.toContain('<script');
  expect(page.length).toBeLessThan(5_000);
});

it.each([
  ['a browser', browser],
  ['curl', { accept: '*/*', authorization: '' }],
])('the root page tells %s what Tollgate is and where the API is', async (_client, headers) => {
  const response = await without.send({ method: 'GET', path: '/', headers });
  expect(response.status).toBe(200);
  const page = await response.text();
  expect(page).toContain('records usage and draws down balances');
  expect(page).toContain('/graphql');
  expect(page).toContain('npm run keys -- create');
  // Without a network, the page shows the default port.
  const port = isThroughFetch ? 4000 : new URL(without.origin).port;
  expect(page).toContain(`curl -s http://127.0.0.1:${port}/graphql `);
});

it.each(['/', '/graphql'])('%s cannot be framed and runs no foreign scripts', async (path) => {
  const { headers } = await gateway.send({ method: 'GET', path, headers: browser });
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('vary')).toBe('Accept, Accept-Encoding');
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toMatch(path === '/' ? /script-src 'none'/ : /script-src 'sha256-[^ ;]+';/);
});

it('GraphiQL does not replace the answer to a query', async () => {
  const path = `/graphql?query=${encodeURIComponent('{ __typename }')}`;
  const response = await gateway.send({ method: 'GET', path });
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
});
