import { afterAll, beforeAll, expect, it } from 'vitest';
import { graphiqlAddress } from '../../src/http/graphiql.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

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

it('is served to browsers without a key', async () => {
  const response = await gateway.send({ method: 'GET', headers: browser });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const page = await response.text();
  expect(page).toContain('<div id="root">');
  expect(page).toContain('trackBalance(input: { customerId: \\"acme\\"');
  expect(page).not.toContain(gateway.secret);
});

it('asks no other server for anything', async () => {
  const page = await (await gateway.send({ method: 'GET', headers: browser })).text();
  expect(page).not.toMatch(/<(script|link|img)[^>]+(src|href)="(https?:)?\/\//);
  expect(page).not.toMatch(/unpkg\.com|jsdelivr|cdnjs|googleapis/);
});

it('is packed for the way', async () => {
  const headers = { ...browser, 'accept-encoding': 'gzip' };
  const response = await gateway.send({ method: 'GET', headers });
  expect(response.headers.get('content-encoding')).toBe('gzip');
  expect((await response.text()).length).toBeGreaterThan(1_000_000);
});

it('gets the key in a part of the address that browsers keep to themselves', () => {
  const address = graphiqlAddress({ origin: 'http://127.0.0.1:4000', secret: 'tg_sk_a-b_c' });
  expect(address).toBe('http://127.0.0.1:4000/graphql#key=tg_sk_a-b_c');
});

it('is not served where it is turned off', async () => {
  expect((await without.send({ method: 'GET', headers: browser })).status).toBe(401);
});

it('does not stand in the way of a query', async () => {
  const path = `/graphql?query=${encodeURIComponent('{ __typename }')}`;
  const response = await gateway.send({ method: 'GET', path });
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
});
