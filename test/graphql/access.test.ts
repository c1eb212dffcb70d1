/** Without a valid key, a request reveals nothing, whatever it contains. */

import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/meter/access/keys.js';
import { SCOPES } from '../../src/meter/access/scopes.js';
import {
  startTestGateway,
  type TestGateway,
  type TestRequest,
} from '../support/gateway/gateway.js';

let gateway: TestGateway;
let expired: string;
let revoked: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  const { store, projectId } = gateway;
  const draft = { projectId, name: 'test', scopes: SCOPES, lifetimeMs: null };
  ({ secret: expired } = await createKey(store.apiKeys, { ...draft, lifetimeMs: 1 }));
  const doomed = await createKey(store.apiKeys, draft);
  await store.apiKeys.revoke(doomed.key.id);
  revoked = doomed.secret;
});
afterAll(() => gateway.close());

const UNAUTHENTICATED = JSON.stringify({
  errors: [
    {
      message: 'Send a valid key in the header "Authorization: Bearer tg_sk_...".',
      extensions: { code: 'UNAUTHENTICATED' },
    },
  ],
});

async function expectUnauthenticated(request: TestRequest): Promise<void> {
  const response = await gateway.send(request);
  expect(await response.text()).toBe(UNAUTHENTICATED);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
}

describe('a key that is', () => {
  const keys: [string, () => string][] = [
    ['missing', () => ''],
    ['empty', () => 'Bearer '],
    ['of another scheme', () => `Basic ${gateway.secret}`],
    ['without a scheme', () => gateway.secret],
    ['unknown', () => `Bearer ${gateway.secret.slice(0, -4)}AAAA`],
    ['truncated', () => `Bearer ${gateway.secret.slice(0, -1)}`],
    ['padded', () => `Bearer ${gateway.secret}A`],
    ['twice in the header', () => `Bearer ${gateway.secret}, Bearer ${gateway.secret}`],
    ['expired', () => `Bearer ${expired}`],
    ['revoked', () => `Bearer ${revoked}`],
    ['as long as a header can be', () => `Bearer tg_sk_${'a'.repeat(10_000)}`],
    ['a property name of Object.prototype', () => 'Bearer __proto__'],
  ];

  it.each(keys)('%s is refused with UNAUTHENTICATED', async (_what, authorization) => {
    const headers = { authorization: authorization() };
    await expectUnauthenticated({ headers, body: { query: '{ __typename }' } });
  });
});

describe('without a key', () => {
  const headers = { authorization: '' };

  const requests: [string, TestRequest][] = [
    ['a query', { body: { query: '{ customers { edges { cursor } } }' } }],
    ['introspection', { body: { query: getIntrospectionQuery() } }],
    ['a misspelled field', { body: { query: '{ custmers { edges } }' } }],
    ['a document that does not parse', { body: { query: '{' } }],
    ['a body that is not JSON', { body: '{' }],
    ['a form', { headers: { 'content-type': 'multipart/form-data' }, body: 'x' }],
    ['a body over the limit', { body: 'x'.repeat(3_000_000) }],
    ['another method', { method: 'DELETE' }],
    ['a query in the URL', { method: 'GET', path: '/graphql?query=%7B__typename%7D' }],
    ['a key in the URL', { method: 'GET', path: '/graphql?key=KEY&query=%7B__typename%7D' }],
  ];

  it.each(requests)('%s gets UNAUTHENTICATED and nothing else', async (_what, request) => {
    const path = (request.path ?? '/graphql').replace('KEY', gateway.secret);
    await expectUnauthenticated({ ...request, path, headers: { ...request.headers, ...headers } });
  });

  it('health and readiness checks are answered', async () => {
    for (const path of ['/health', '/ready']) {
      const response = await gateway.send({ method: 'GET', path, headers });
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    }
  });

  it('other paths are not found', async () => {
    for (const path of ['/metrics', '/.env', '/graphql/../health/x']) {
      const response = await gateway.send({ method: 'GET', path, headers });
      expect(response.status).toBe(404);
    }
  });
});

describe('a valid key', () => {
  it.each(['Bearer', 'bearer', 'BEARER', 'Bearer  '])('is accepted after "%s"', async (word) => {
    const response = await gateway.send({
      headers: { authorization: `${word} ${gateway.secret}` },
      body: { query: '{ __typename }' },
    });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it('gives access to the schema', async () => {
    const { data, errors } = await gateway.execute(getIntrospectionQuery());
    expect(errors).toEqual([]);
    expect(data.__schema.mutationType.name).toBe('Mutation');
  });
});
