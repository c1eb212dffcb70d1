/** A client that retries because answers are lost charges once, if its retries have the same `Idempotency-Key`. */
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLClient } from 'graphql-request';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DroppingProxy, startDroppingProxy } from '../support/client/dropping-proxy.js';
import { eventsOf, keysOf, newCustomer, TRACK, TWO } from '../support/client/keyed-calls.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const POSSIBLE_TYPES = {
  Error: ['InsufficientBalanceError', 'IdempotencyConflictError', 'InvalidInputError'],
};

let gateway: TestGateway;
let proxy: DroppingProxy;

beforeAll(async () => {
  gateway = await startTestGateway();
  proxy = await startDroppingProxy(gateway.origin);
  await setUp(gateway, { features: [{ featureId: 'messages' }], customers: [], balances: [] });
});
afterAll(async () => {
  await proxy.close();
  await gateway.close();
});

it("a call that Apollo Client's RetryLink repeats is charged once", async () => {
  const input = { customerId: await newCustomer(gateway), featureId: 'messages', value: 3 };
  const retry = new RetryLink({
    delay: () => 0,
    attempts: { max: 4, retryIf: (error) => Boolean(error) },
  });
  const http = new HttpLink({
    uri: `${proxy.origin}/graphql`,
    headers: { authorization: `Bearer ${gateway.secret}` },
  });
  const client = new ApolloClient({
    link: retry.concat(http),
    cache: new InMemoryCache({ possibleTypes: POSSIBLE_TYPES }),
  });
  const before = proxy.heads.length;
  proxy.drop(2);
  const { data } = await client.mutate({
    mutation: gql(TRACK),
    variables: { input },
    context: { headers: { 'Idempotency-Key': 'apollo' } },
  });
  client.stop();
  expect(data).toMatchObject({ trackBalance: { value: 3, replayed: true } });
  expect(proxy.heads.slice(before)).toMatchObject(
    Array.from({ length: 3 }, () => ({ 'idempotency-key': 'apollo' })),
  );
  expect(await eventsOf(gateway, input.customerId)).toEqual([
    { value: 3, idempotencyKey: 'apollo' },
  ]);
});

it('several mutations that graphql-request sends again are charged once each', async () => {
  const a = { customerId: await newCustomer(gateway), featureId: 'messages' };
  const client = new GraphQLClient(`${proxy.origin}/graphql`, {
    headers: { authorization: `Bearer ${gateway.secret}` },
  });
  const call = () => client.request(TWO, { a, b: a }, { 'Idempotency-Key': 'lost' });
  proxy.drop(1);
  await expect(call()).rejects.toThrow();
  expect(await call()).toMatchObject({ first: { replayed: true }, second: { replayed: true } });
  expect(await keysOf(gateway, a.customerId)).toEqual(['lost/first', 'lost/second']);
});
