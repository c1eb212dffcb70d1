/** The official audits of the GraphQL-over-HTTP specification. */
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const audits = serverAudits({
  url: () => `${gateway.origin}/graphql`,
  // With a key: without one there is nothing to audit.
  fetchFn: (url: string, init: RequestInit = {}) =>
    fetch(url, {
      ...init,
      headers: { ...Object.fromEntries(new Headers(init.headers)), ...authorization() },
    }),
});

function authorization() {
  return { authorization: `Bearer ${gateway.secret}` };
}

describe('the server answers as GraphQL over HTTP', () => {
  it.each(audits.map(({ id, name, fn }) => ({ id, name, fn })))('$id: $name', async ({ fn }) => {
    await expect(fn()).resolves.toMatchObject({ status: 'ok' });
  });
});
