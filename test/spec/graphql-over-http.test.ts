/** The official audits of the GraphQL-over-HTTP specification. */
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** The adapters: for `node:http`, and for requests without a network. */
const ADAPTERS: Readonly<Record<string, Fetch>> = {
  node: (url, init) => fetch(url, init),
  fetch: (url, init) => gateway.gateway.fetch(url, init),
};

const auditsOf = (send: Fetch) =>
  serverAudits({
    url: () => `${gateway.origin}/graphql`,
    // With a key, because every request without one is refused.
    fetchFn: (url: string, init: RequestInit = {}) =>
      send(url, {
        ...init,
        headers: { ...Object.fromEntries(new Headers(init.headers)), ...authorization() },
      }),
  });

function authorization() {
  return { authorization: `Bearer ${gateway.secret}` };
}

describe.each(Object.entries(ADAPTERS))(
  'the %s adapter complies with GraphQL over HTTP',
  (_name, send) => {
    it.each(auditsOf(send).map(({ id, name, fn }) => ({ id, name, fn })))(
      '$id: $name',
      async ({ fn }) => {
        await expect(fn()).resolves.toMatchObject({ status: 'ok' });
      },
    );
  },
);
