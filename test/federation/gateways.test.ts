/** Tollgate and an accounts subgraph behind each gateway, over HTTP: what clients of a supergraph get, and what it costs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../support/access/sign-token.js';
import { PINNED_HEADS } from '../support/client/clients.js';
import type { GatewayClient } from '../support/federation/graph.js';
import { GATEWAYS } from '../support/federation/programs.js';
import { type StartedGraph, startGraph } from '../support/federation/started-graph.js';
import { setUp } from '../support/gateway/set-up.js';

const USERS = Array.from({ length: 100 }, (_, n) => `user-${n + 1}`);
const NAMES = Object.keys(GATEWAYS);
/** A customer for each test of each gateway. */
const writer = (name: string, purpose: string) => `${purpose}-${NAMES.indexOf(name)}`;
const PURPOSES = ['track', 'items', 'reject', 'own', 'token', 'lost', 'two', 'one-key'];
const WRITERS = NAMES.flatMap((name) => PURPOSES.map((purpose) => writer(name, purpose)));

let graph: StartedGraph;

beforeAll(async () => {
  graph = await startGraph({ userIds: USERS });
  const customers = [...USERS, ...WRITERS].map((customerId) => ({ customerId }));
  await setUp(graph, {
    features: [{ featureId: 'api' }],
    customers,
    balances: customers.map((customer) => ({ ...customer, featureId: 'api', granted: 100 })),
  });
});
afterAll(() => graph.stop());

const TRACK = `mutation ($input: TollgateBalancesTrackInput!) {
  trackBalance(input: $input) {
    __typename
    ... on TollgateTrackBalancePayload { value replayed customer { customerId company } balance { remaining } }
    ... on TollgateError { code message }
  }
}`;

const TWO = `mutation ($first: TollgateBalancesTrackInput!, $second: TollgateBalancesTrackInput!) {
  first: trackBalance(input: $first) { ... on TollgateTrackBalancePayload { replayed } }
  second: trackBalance(input: $second) { ... on TollgateTrackBalancePayload { replayed } }
}`;

/** While answers are lost. */
const CALLS = 12;

async function usedBy(customerId: string): Promise<number> {
  const { data } = await graph.execute(
    `query ($id: String!) { customer(customerId: $id) { balance(featureId: "api") { remaining } } }`,
    { id: customerId },
  );
  return 100 - data.customer.balance.remaining;
}

describe.each(NAMES)('%s', (name) => {
  let gateway: GatewayClient;
  beforeAll(async () => {
    gateway = await graph.gateway(name);
  });

  it('reads across both subgraphs, with one request for 100 users', async () => {
    graph.proxy.take();
    const { data, errors } = await gateway.send(
      '{ users { name usage { customerId balances { feature { featureId } remaining } } } }',
    );
    expect(errors).toEqual([]);
    expect(data.users).toEqual(
      USERS.map((id) => ({
        name: `User ${id}`,
        usage: { customerId: id, balances: [{ feature: { featureId: 'api' }, remaining: 100 }] },
      })),
    );
    expect(graph.proxy.take()).toHaveLength(1);
  });

  it('reads from Tollgate what accounts knows about a customer', async () => {
    const { data, errors } = await gateway.send(
      '{ customer(customerId: "user-1") { balance(featureId: "api") { remaining } company users { id } } }',
    );
    expect({ data, errors }).toEqual({
      data: {
        customer: {
          balance: { remaining: 100 },
          company: 'Company of user-1',
          users: [{ id: 'user-1' }],
        },
      },
      errors: [],
    });
  });

  it('tracks usage with the key of the client', async () => {
    const customerId = writer(name, 'track');
    const input = { customerId, featureId: 'api', value: 3 };
    const { data, errors } = await gateway.send(TRACK, { input });
    expect({ data, errors }).toEqual({
      data: {
        trackBalance: {
          __typename: 'TollgateTrackBalancePayload',
          value: 3,
          replayed: false,
          customer: { customerId, company: `Company of ${customerId}` },
          balance: { remaining: 97 },
        },
      },
      errors: [],
    });
  });

  it('tracks lists, in which each item has its own result', async () => {
    const customerId = writer(name, 'items');
    const inputs = [1, 1_000, 2].map((value) => ({
      customerId,
      featureId: 'api',
      value,
      overageBehavior: 'REJECT',
    }));
    const { data, errors } = await gateway.send(
      `mutation ($inputs: [TollgateBalancesTrackInput!]!) {
        trackBalances(inputs: $inputs) {
          ... on TollgateTrackBalancePayload { value }
          ... on TollgateInsufficientBalanceError { code }
        }
      }`,
      { inputs },
    );
    expect({ data, errors }).toEqual({
      data: { trackBalances: [{ value: 1 }, { code: 'INSUFFICIENT_BALANCE' }, { value: 2 }] },
      errors: [],
    });
  });

  it('passes on what is wrong as data', async () => {
    const customerId = writer(name, 'reject');
    const input = { customerId, featureId: 'api', value: 101, overageBehavior: 'REJECT' };
    const { data, errors } = await gateway.send(TRACK, { input });
    expect({ data, errors }).toEqual({
      data: {
        trackBalance: {
          __typename: 'TollgateInsufficientBalanceError',
          code: 'INSUFFICIENT_BALANCE',
          message: expect.stringMatching(/^Missing 1 of /),
        },
      },
      errors: [],
    });
    expect(await usedBy(customerId)).toBe(0);
  });

  it('passes on that a key is wrong, and what accounts knows', async () => {
    const { data, errors } = await gateway.send(
      '{ user(id: "user-1") { name usage { company createdAt } } }',
      {},
      { authorization: 'Bearer tg_sk_wrong' },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(data?.user).toMatchObject({ name: 'User user-1' });
  });

  it('tracks usage with a key of its own', async () => {
    const customerId = writer(name, 'own');
    const own = await graph.gateway(name, { HEADERS: '', KEY: graph.secret });
    const input = { customerId, featureId: 'api', value: 1 };
    const { errors } = await own.send(TRACK, { input }, {});
    expect(errors).toEqual([]);
    expect(await usedBy(customerId)).toBe(1);
    await own.stop();
  });

  it('keeps a client to its customer, with a key of its own and the token of the client', async () => {
    const customerId = writer(name, 'token');
    const own = await graph.gateway(name, {
      HEADERS: 'tollgate-customer-token',
      KEY: graph.secret,
    });
    const exp = Math.floor(Date.now() / 1_000) + 60;
    const token = signToken({ claims: { customer: customerId, exp }, secret: graph.tokenSecret });
    const headers = { 'tollgate-customer-token': token };
    const track = async (customerId: string, value = 1) => {
      const input = { customerId, featureId: 'api', value };
      const { data, errors } = await own.send(TRACK, { input }, headers);
      return data?.trackBalance?.__typename ?? errors.length;
    };
    expect(await track(customerId)).toBe('TollgateTrackBalancePayload');
    expect(await track('user-1')).toBe('TollgateCustomerNotFoundError');
    expect(await track(customerId, -1)).toBe(1);
    expect(await usedBy(customerId)).toBe(1);
    expect(await usedBy('user-1')).toBe(0);
    const read = await own.send(
      '{ user(id: "user-1") { name usage { balances { remaining } } } }',
      {},
      headers,
    );
    expect(read.data).toEqual({ user: { name: 'User user-1', usage: null } });
    const wrong = { 'tollgate-customer-token': `${token}x` };
    const refused = await own.send(TRACK, { input: { customerId, featureId: 'api' } }, wrong);
    expect(refused.errors).toHaveLength(1);
    expect(await usedBy(customerId)).toBe(1);
    await own.stop();
  });

  it('charges two mutations of one operation once each, with keys of their own', async () => {
    const customerId = writer(name, 'two');
    const [first, second] = ['1', '2'].map((idempotencyKey) => ({
      customerId,
      featureId: 'api',
      idempotencyKey,
    }));
    for (const replayed of [false, true]) {
      const { data } = await gateway.send(TWO, { first, second });
      expect(data).toEqual({ first: { replayed }, second: { replayed } });
    }
    expect(await usedBy(customerId)).toBe(2);
  });

  it('charges them once each with one Idempotency-Key, unless it sends them one by one', async () => {
    const customerId = writer(name, 'one-key');
    const input = { customerId, featureId: 'api' };
    const variables = { first: input, second: input };
    const headers = { authorization: `Bearer ${graph.secret}`, 'idempotency-key': 'both' };
    await gateway.send(TWO, variables, headers);
    const { data } = await gateway.send(TWO, variables, headers);
    expect(data).toEqual({ first: { replayed: true }, second: { replayed: true } });
    expect(await usedBy(customerId)).toBe(GATEWAYS[name]?.splitsMutations ? 1 : 2);
  });

  it('charges once whatever it repeats, or its client: every third answer is lost', async () => {
    const customerId = writer(name, 'lost');
    const retrying = await graph.gateway(name, { RETRIES: '5' });
    graph.proxy.loseEvery(3);
    let attempts = 0;
    for (let call = 0; call < CALLS; call += 1) {
      const input = { customerId, featureId: 'api', value: 2 };
      const headers = {
        authorization: `Bearer ${graph.secret}`,
        'idempotency-key': `call-${call}`,
      };
      for (let isDone = false; !isDone; attempts += 1) {
        const { data } = await retrying.send(TRACK, { input }, headers);
        isDone = data?.trackBalance?.value === 2;
      }
    }
    expect(graph.proxy.lost()).toBeGreaterThan(CALLS / 3 - 1);
    graph.proxy.loseEvery(0);
    expect(await usedBy(customerId)).toBe(2 * CALLS);
    // Hive Gateway repeats by itself, Apollo Gateway never.
    expect(attempts > CALLS).toBe(name === 'Apollo Gateway');
    await retrying.stop();
  });

  it('sends the head that is in the table of clients', async () => {
    graph.proxy.take();
    await gateway.send('{ customer(customerId: "user-1") { customerId } }');
    const [sent] = graph.proxy.take();
    const {
      'x-request-id': _one,
      'user-agent': agent = '',
      ...pinned
    } = PINNED_HEADS[GATEWAYS[name]?.head ?? ''] ?? {};
    expect(sent?.headers).toMatchObject(pinned);
    expect(sent?.headers['user-agent']?.split('/')[0]).toBe(agent.split('/')[0]);
  });
});
