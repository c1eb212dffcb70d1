/** Every answer has the id of its request in a header, whatever answered it. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isThroughFetch } from '../support/gateway/adapter.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ corsOrigins: ['https://app.example'] });
});
afterAll(() => gateway.close());

const query = (text: string) => ({ body: { query: text } });
const preflight = {
  method: 'OPTIONS',
  headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
};
const batch = {
  query:
    'mutation ($inputs: [BalancesTrackInput!]!) { trackBalances(inputs: $inputs) { __typename } }',
  variables: { inputs: [{ customerId: 'nobody', featureId: 'nothing' }] },
};

it.each([
  ['an operation', query('{ __typename }'), 200],
  ['a batch', { body: batch }, 200],
  ['an operation that is refused', query('{ nothing }'), 200],
  ['a document that cannot be parsed', query('{'), 200],
  ['a list of operations', { body: [{ query: '{ __typename }' }] }, 400],
  ['a request without a key', { body: {}, headers: { authorization: '' } }, 401],
  ['a body that is not JSON', { body: '{', headers: { 'content-type': 'text/plain' } }, 415],
  ['an operation by GET', { method: 'GET', path: '/graphql?query=%7B__typename%7D' }, 200],
  ['another method', { method: 'PUT', body: '' }, 405],
  ['a path where nothing is', { path: '/nothing', body: {} }, 404],
  ['a page', { method: 'GET', path: '/', headers: { accept: 'text/html' } }, 200],
  ['a health check', { method: 'GET', path: '/health' }, 200],
  ['a check of readiness', { method: 'GET', path: '/ready' }, 200],
  ['a preflight request', preflight, 204],
])('%s is answered with its id', async (_what, request, status) => {
  const headers = { ...('headers' in request && request.headers), 'x-request-id': 'edge/1' };
  const given = await gateway.send({ ...request, headers });
  expect([given.status, given.headers.get('x-request-id')]).toEqual([status, 'edge/1']);
  const made = await gateway.send(request);
  expect(made.headers.get('x-request-id')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f-]{17}$/,
  );
  const { headers: inProcess } = await gateway.gateway.fetch(
    `${gateway.origin}${'path' in request ? request.path : '/graphql'}`,
    { method: 'method' in request ? request.method : 'POST', headers },
  );
  expect(inProcess.get('x-request-id')).toBe('edge/1');
});

it('an id that is not well-formed is not sent back', async () => {
  const body = { query: '{ __typename }' };
  const response = await gateway.send({ body, headers: { 'x-request-id': 'a b' } });
  expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

it('pages of other origins may read it', async () => {
  const headers = { origin: 'https://app.example' };
  const response = await gateway.send({ ...query('{ __typename }'), headers });
  expect(response.headers.get('access-control-expose-headers')).toContain('X-Request-Id');
});

it('the id of an unforeseen error is that of the header', async () => {
  await gateway.sql('ALTER TABLE features RENAME TO features_away');
  const response = await gateway.send(query('{ features { edges { cursor } } }'));
  await gateway.sql('ALTER TABLE features_away RENAME TO features');
  const { errors } = await response.json();
  expect(errors[0].extensions.requestId).toBe(response.headers.get('x-request-id'));
});

// The fetch API has no requests without an address.
it.skipIf(isThroughFetch)('a request without a valid address is answered with its id', async () => {
  const { port } = new URL(gateway.origin);
  const answered = await new Promise<{ status?: number; id: unknown }>((resolve, reject) => {
    const headers = { Host: 'a b', 'X-Request-Id': 'edge-2' };
    httpRequest({ port, host: '127.0.0.1', path: '/graphql', headers }, (response) => {
      response.resume();
      const { statusCode, headers: told } = response;
      resolve({
        ...(statusCode !== undefined && { status: statusCode }),
        id: told['x-request-id'],
      });
    })
      .on('error', reject)
      .end();
  });
  expect(answered).toEqual({ status: 400, id: 'edge-2' });
});
