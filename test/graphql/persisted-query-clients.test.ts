/** The clients' own links for persisted queries, as they are: they register what is not found, and read what is (ADR 34). */
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { createClient, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { parse, print } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/platform/digest.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

let allows: TestGateway;
let refuses: TestGateway;
let enforces: TestGateway;

const QUERY = 'query Name($id: String!) { customer(customerId: $id) { customerId __typename } }';
const MUTATION = `mutation Rename($id: String!) {
  updateCustomer(input: { customerId: $id, name: "New" }) { __typename } }`;
const variables = { id: 'acme' };

beforeAll(async () => {
  allows = await startTestGateway();
  refuses = await startTestGateway({ trustedDocuments: 'off' });
  const manifest = new Map([['name', print(parse(QUERY))]]);
  enforces = await startTestGateway({ trustedDocuments: 'enforce', manifest });
});
afterAll(async () => {
  for (const gateway of [allows, refuses, enforces]) await gateway.close();
});

interface Seen {
  readonly method: string;
  readonly hasText: boolean;
  readonly status: number;
}

/** As `fetch`, noting what was sent and how it was answered. */
function watched(seen: Seen[]): typeof fetch {
  return async (url, init = {}) => {
    const response = await fetch(url, init);
    const sent = init.method === 'GET' ? String(url) : String(init.body);
    const hasText = /"query":"|[?&]query=/.test(sent);
    seen.push({ method: init.method ?? 'GET', hasText, status: response.status });
    return response;
  };
}

type Run = (document: string) => Promise<{ readonly data: unknown; readonly errors: string[] }>;
type NewClient = (gateway: TestGateway, fetch: typeof globalThis.fetch) => Run;

const headersOf = ({ secret }: TestGateway) => ({ authorization: `Bearer ${secret}` });

const apollo =
  (useGETForHashedQueries: boolean): NewClient =>
  (gateway, fetch) => {
    const persisted = new PersistedQueryLink({ sha256: sha256Hex, useGETForHashedQueries });
    const uri = `${gateway.origin}/graphql`;
    const http = new HttpLink({ uri, headers: headersOf(gateway), fetch });
    const client = new ApolloClient({ link: persisted.concat(http), cache: new InMemoryCache() });
    const options = { variables, fetchPolicy: 'no-cache', errorPolicy: 'all' } as const;
    return async (document) => {
      const parsed = gql(document);
      const { data, error } = document.startsWith('mutation')
        ? await client.mutate({ mutation: parsed, ...options })
        : await client.query({ query: parsed, ...options });
      return { data, errors: error === undefined ? [] : [error.message] };
    };
  };

const urql =
  (preferGetForPersistedQueries: boolean): NewClient =>
  (gateway, fetch) => {
    const client = createClient({
      url: `${gateway.origin}/graphql`,
      fetch,
      fetchOptions: { headers: headersOf(gateway) },
      preferGetMethod: false,
      exchanges: [
        persistedExchange({ preferGetForPersistedQueries, enableForMutation: true }),
        fetchExchange,
      ],
    });
    return async (document) => {
      const { data, error } = document.startsWith('mutation')
        ? await client.mutation(document, variables).toPromise()
        : await client.query(document, variables).toPromise();
      const messages = error?.graphQLErrors.map(({ message }) => message) ?? [];
      return { data, errors: error?.networkError ? [error.networkError.message] : messages };
    };
  };

describe.each<[string, NewClient, string]>([
  ['Apollo Client', apollo(false), 'POST'],
  ['Apollo Client by GET', apollo(true), 'GET'],
  ['urql', urql(false), 'POST'],
  ['urql by GET', urql(true), 'GET'],
])('%s', (name, newClient, method) => {
  const known = { data: { customer: null }, errors: [] };

  it('registers a query once, and from then on sends its hash', async () => {
    // A text of its own, which no other client has registered.
    const document = QUERY.replace('Name', `Name${name.replace(/\W/g, '')}`);
    const seen: Seen[] = [];
    const run = newClient(allows, watched(seen));
    expect(await run(document)).toMatchObject(known);
    expect(seen).toMatchObject([
      { method, hasText: false, status: 200 },
      { hasText: true, status: 200 },
    ]);
    expect(await run(document)).toMatchObject(known);
    expect(seen.slice(2)).toMatchObject([{ method, hasText: false, status: 200 }]);
  });

  it('sends mutations by POST', async () => {
    const seen: Seen[] = [];
    const run = newClient(allows, watched(seen));
    const result = { data: { updateCustomer: { __typename: 'CustomerNotFoundError' } } };
    expect(await run(MUTATION)).toMatchObject(result);
    expect(new Set(seen.map((request) => request.method))).toEqual(new Set(['POST']));
  });

  it('sends texts from the second try on where there are no persisted queries', async () => {
    const seen: Seen[] = [];
    const run = newClient(refuses, watched(seen));
    expect(await run(QUERY)).toMatchObject(known);
    expect(await run(QUERY)).toMatchObject(known);
    expect(seen.map(({ hasText }) => hasText)).toEqual([false, true, true]);
  });

  it('needs one request for a document of the manifest, and is told if another is not in it', async () => {
    const seen: Seen[] = [];
    const run = newClient(enforces, watched(seen));
    expect(await run(QUERY)).toMatchObject(known);
    expect(seen).toMatchObject([{ method, hasText: false, status: 200 }]);
    const { data, errors } = await run('query Other { __typename }');
    expect(data ?? null).toBeNull();
    expect(errors.join()).toContain('No trusted document has the id');
    expect(seen).toHaveLength(2);
  });
});
