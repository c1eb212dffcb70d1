/** What GraphQL clients send: the packages themselves, and recorded heads of clients without a small package. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ApolloClient, gql as apolloGql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { buildHTTPExecutor } from '@graphql-tools/executor-http';
import { cacheExchange, createClient, fetchExchange } from '@urql/core';
import axios from 'axios';
import { parse } from 'graphql';
import { GraphQLClient } from 'graphql-request';

/** An operation that each of them can send. */
export interface Call {
  readonly url: string;
  readonly secret: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** Sends the call and returns the data of the answer. */
export type RealClient = (call: Call) => Promise<unknown>;

const authorization = ({ secret }: Call) => ({ authorization: `Bearer ${secret}` });

export const REAL_CLIENTS: Readonly<Record<string, RealClient>> = {
  'Apollo Client': async (call) => {
    const link = new HttpLink({ uri: call.url, headers: authorization(call) });
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const mutation = apolloGql(call.query);
    const { data } = await client.mutate({ mutation, variables: call.variables });
    client.stop();
    return data;
  },
  urql: async (call) => {
    const client = createClient({
      url: call.url,
      exchanges: [cacheExchange, fetchExchange],
      fetchOptions: { headers: authorization(call) },
    });
    const { data, error } = await client.mutation(call.query, call.variables).toPromise();
    if (error !== undefined) throw error;
    return data;
  },
  'graphql-request': (call) =>
    new GraphQLClient(call.url, { headers: authorization(call) }).request(
      call.query,
      call.variables,
    ),
  "Hive Gateway's executor": async (call) => {
    const execute = buildHTTPExecutor({ endpoint: call.url, headers: authorization(call) });
    const result = await execute({ document: parse(call.query), variables: call.variables });
    if (!('data' in result)) throw new Error(JSON.stringify(result));
    return result.data;
  },
  axios: async (call) => {
    const { url, query, variables } = call;
    const response = await axios.post(
      url,
      { query, variables },
      { headers: authorization(call), proxy: false },
    );
    return response.data.data;
  },
  'fetch of Node': async (call) => {
    const { url, query, variables } = call;
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...authorization(call), 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return JSON.parse(await response.text()).data;
  },
  curl: async ({ url, secret, query, variables }) => {
    const { stdout } = await promisify(execFile)('curl', [
      '-s',
      '--noproxy',
      '*',
      url,
      '-H',
      `Authorization: Bearer ${secret}`,
      '-H',
      'Content-Type: application/json',
      '-d',
      JSON.stringify({ query, variables }),
    ]);
    return JSON.parse(stdout).data;
  },
};

/** What the fetch API of Node adds. */
const NODE_FETCH = {
  'accept-language': '*',
  'sec-fetch-mode': 'cors',
  'user-agent': 'node',
  'accept-encoding': 'gzip, deflate',
};

/**
 * Without the host, the key, the length and the connection. Heads with a version were recorded from that npm package,
 * sending to a server on Node 20. The others are not on npm, or do not send by themselves, and are written by hand.
 */
export const PINNED_HEADS: Readonly<Record<string, PinnedHead>> = {
  'Apollo Client 3.14.1': { ...NODE_FETCH, accept: '*/*', 'content-type': 'application/json' },
  'Apollo Client 3.14.1, with @defer': {
    ...NODE_FETCH,
    accept: 'multipart/mixed;deferSpec=20220824,application/json',
    'content-type': 'application/json',
  },
  // Version 4 itself is among REAL_CLIENTS; this includes what a browser adds.
  'Apollo Client in a browser': {
    accept: 'application/graphql-response+json,application/json;q=0.9',
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
    'accept-encoding': 'gzip, deflate, br, zstd',
    'accept-language': 'de-DE,de;q=0.9,en;q=0.8',
  },
  // Relay leaves sending to the application, which may accept the types of GraphQL over HTTP.
  'Relay, with a network layer of its own': {
    accept: 'application/graphql-response+json; charset=utf-8, application/json; charset=utf-8',
    'content-type': 'application/json',
  },
  'Graffle 8.0.0-next.223': {
    ...NODE_FETCH,
    accept: 'application/graphql-response+json; charset=utf-8, application/json; charset=utf-8',
    'content-type': 'application/json',
  },
  'Apollo Gateway 2.14.4': {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'minipass-fetch/5.0.2 (+https://github.com/isaacs/minipass-fetch)',
    'accept-encoding': 'gzip,deflate',
  },
  'Hive Gateway (gateway-runtime 2.12.1)': {
    accept: 'application/graphql-response+json, application/json, multipart/mixed',
    'content-type': 'application/json',
    'user-agent': 'node',
    'accept-encoding': 'gzip, deflate, br',
    'x-request-id': '98937f53-af82-42d1-999a-4892be750154',
  },
  'Apollo Router': {
    accept: 'application/json, application/graphql-response+json',
    'content-type': 'application/json',
    'accept-encoding': 'gzip, br, deflate',
  },
  'a client that takes every transport': {
    accept:
      'application/graphql-response+json, application/json, multipart/mixed, text/event-stream',
    'content-type': 'application/json; charset=utf-8',
  },
  'GraphiQL (@graphiql/toolkit 0.12.1)': {
    ...NODE_FETCH,
    accept: 'application/json, multipart/mixed',
    'content-type': 'application/json',
  },
  'GraphiQL (@graphiql/toolkit 0.12.1), without @defer': {
    ...NODE_FETCH,
    accept: 'application/graphql-response+json, application/json;q=0.9',
    'content-type': 'application/json',
  },
  'Postman (postman-runtime 7.56.1)': {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'PostmanRuntime/7.56.1',
    'cache-control': 'no-cache',
    'postman-token': '627e4bc2-c093-4304-ab3a-769a9dd590c9',
    'accept-encoding': 'gzip, deflate, br',
  },
  Insomnia: {
    accept: 'application/graphql-response+json, application/json;q=0.9, */*;q=0.8',
    'content-type': 'application/json',
  },
  "Python's gql over aiohttp": {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'Python/3.12 aiohttp/3.10.5',
  },
  "Go's genqlient": { 'content-type': 'application/json', 'user-agent': 'Go-http-client/1.1' },
  "Java's RestTemplate": {
    accept: 'application/json, application/*+json',
    'content-type': 'application/json;charset=UTF-8',
  },
  'OkHttp of Apollo Kotlin': {
    accept:
      'multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json',
    'content-type': 'application/json',
  },
  '.NET HttpClient': { 'content-type': 'application/json; charset=utf-8' },
};

export type PinnedHead = Readonly<Record<string, string>>;
