/** An unknown path is answered with 404 and a message, as JSON or as text, with or without a key. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const MESSAGE = 'Nothing is served under this path. The GraphQL endpoint is /graphql.';
const JSON_TEXT = JSON.stringify({
  errors: [{ message: MESSAGE, extensions: { code: 'NOT_FOUND' } }],
});
const TEXT = 'text/plain; charset=utf-8';
const APPLICATION_JSON = 'application/json; charset=utf-8';
const GRAPHQL_RESPONSE = 'application/graphql-response+json; charset=utf-8';

describe.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'])('%s', (method) => {
  it.each([
    ['*/*', APPLICATION_JSON],
    ['application/json', APPLICATION_JSON],
    ['application/json, text/plain, */*', APPLICATION_JSON],
    ['application/graphql-response+json, application/json;q=0.9', GRAPHQL_RESPONSE],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', TEXT],
    ['text/plain', TEXT],
    ['text/*;q=0.5, application/json;q=0.4', TEXT],
    ['image/png', TEXT],
    ['application/json;q=0', TEXT],
    ['nonsense', APPLICATION_JSON],
    ['x'.repeat(2_000), APPLICATION_JSON],
  ])('is answered in the form that Accept prefers: %s', async (accept, type) => {
    const body = method === 'GET' ? {} : { body: '{' };
    const response = await gateway.send({
      method,
      path: '/nothing?x=1',
      headers: { accept },
      ...body,
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([404, type]);
    expect(await response.text()).toBe(type === TEXT ? MESSAGE : JSON_TEXT);
  });
});

it('the answer is the same with any key and without one', async () => {
  for (const authorization of ['', 'Bearer x', `Bearer ${gateway.secret}`]) {
    const response = await gateway.send({ method: 'GET', path: '/x', headers: { authorization } });
    expect([response.status, await response.text()]).toEqual([404, JSON_TEXT]);
  }
});

it('HEAD gets the length but no body', async () => {
  const response = await gateway.send({ method: 'HEAD', path: '/nothing' });
  expect(response.status).toBe(404);
  expect(response.headers.get('content-length')).toBe(String(JSON_TEXT.length));
  expect(await response.text()).toBe('');
});

it.each(['/', '/health', '/ready'])(
  'HEAD %s is answered like GET, without a body',
  async (path) => {
    const response = await gateway.send({ method: 'HEAD', path });
    expect([response.status, await response.text()]).toEqual([200, '']);
  },
);
