/** Every argument of a list takes effect, and data of different lists and customers is not mixed up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

const TIMES = ['2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z', '2024-01-03T00:00:00Z'];

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }, { featureId: 'words', eventNames: ['word.written'] }],
    customers: ['ann', 'ben'].map((customerId) => ({ customerId, entities: ['seat', 'desk'] })),
    balances: [
      ...[1, 2].map(() => ({ customerId: 'ann', featureId: 'messages', granted: 50 })),
      { customerId: 'ben', featureId: 'messages', granted: 100 },
    ],
  });
  for (const customerId of ['ann', 'ben']) {
    await gateway.execute(
      `mutation ($customerId: String!, $name: String!) {
        updateCustomer(input: { customerId: $customerId, name: $name }) { __typename }
      }`,
      { customerId, name: `Name of ${customerId}` },
    );
    for (const [n, timestamp] of TIMES.entries()) {
      await track({ customerId, entityId: 'seat', featureId: 'messages', timestamp, value: n + 1 });
      await track({ customerId, eventName: 'word.written', timestamp, value: n + 11 });
    }
  }
});
afterAll(() => gateway.close());

async function track(input: object): Promise<void> {
  const { data } = await gateway.execute(
    'mutation ($input: BalancesTrackInput!) { trackBalance(input: $input) { __typename } }',
    { input },
  );
  expect(data.trackBalance.__typename).toBe('TrackBalancePayload');
}

async function eventsWhere(filter: string): Promise<unknown> {
  const { data, errors } = await gateway.execute(
    `{ events(${filter}) { edges { node { value customer { customerId } } } } }`,
  );
  expect(errors).toEqual([]);
  interface Edge {
    readonly node: { readonly value: number; readonly customer: { readonly customerId: string } };
  }
  return data.events.edges
    .map(({ node }: Edge) => `${node.customer.customerId} ${node.value}`)
    .sort();
}

describe('events', () => {
  it.each([
    ['customerId: "ann"', ['ann 1', 'ann 11', 'ann 12', 'ann 13', 'ann 2', 'ann 3']],
    ['entityId: "seat"', ['ann 1', 'ann 2', 'ann 3', 'ben 1', 'ben 2', 'ben 3']],
    ['entityId: "desk"', []],
    ['featureId: "messages", customerId: "ben"', ['ben 1', 'ben 2', 'ben 3']],
    ['eventName: "word.written", customerId: "ann"', ['ann 11', 'ann 12', 'ann 13']],
    ['eventName: "word.read"', []],
    [`occurredFrom: "${TIMES[2]}"`, ['ann 13', 'ann 3', 'ben 13', 'ben 3']],
    [`occurredBefore: "${TIMES[1]}"`, ['ann 1', 'ann 11', 'ben 1', 'ben 11']],
    [
      `eventName: "word.written", occurredFrom: "${TIMES[1]}", occurredBefore: "${TIMES[2]}"`,
      ['ann 12', 'ben 12'],
    ],
    [
      `customerId: "ben", entityId: "seat", featureId: "messages", occurredFrom: "${TIMES[1]}"`,
      ['ben 2', 'ben 3'],
    ],
    ['customerId: "ann", eventName: "word.written", entityId: "seat"', []],
  ])('are those that match the filter: %s', async (filter, expected) => {
    expect(await eventsWhere(filter)).toEqual(expected);
  });
});

describe('lists in one answer that differ in one argument', () => {
  it.each([
    ['customerId', '"ann"', '"ben"'],
    ['entityId', '"seat"', '"desk"'],
    ['featureId', '"messages"', '"words"'],
    ['eventName', '"word.written"', '"word.read"'],
    ['occurredFrom', `"${TIMES[1]}"`, `"${TIMES[2]}"`],
    ['occurredBefore', `"${TIMES[1]}"`, `"${TIMES[2]}"`],
    ['first', '2', '3'],
    ['last', '2', '3'],
  ])('are read separately: %s', async (argument, one, other) => {
    await expectSeparate(`${argument}: ${one}`, `${argument}: ${other}`);
  });

  it.each(['2', '3'])('are read separately: first and last %s', async (count) => {
    await expectSeparate(`first: ${count}`, `last: ${count}`);
  });

  it.each(['after', 'before'])('are read separately: %s', async (argument) => {
    const { data } = await gateway.execute('{ events { edges { cursor } } }');
    const [, second, third] = data.events.edges;
    await expectSeparate(`${argument}: "${second.cursor}"`, `${argument}: "${third.cursor}"`);
  });

  async function expectSeparate(first: string, second: string): Promise<void> {
    const list = (name: string, arguments_: string) =>
      `${name}: events(${arguments_}) { edges { node { id } } }`;
    const { data } = await gateway.execute(`{ ${list('one', first)} ${list('other', second)} }`);
    const alone = async (arguments_: string) =>
      (await gateway.execute(`{ ${list('alone', arguments_)} }`)).data.alone;
    expect([data.one, data.other]).toEqual([await alone(first), await alone(second)]);
    expect(data.one).not.toEqual(data.other);
  }
});

describe('entities of two customers with the same id', () => {
  it('are kept apart in one answer', async () => {
    const entity =
      'entity(entityId: "seat") { id customer { name } events(first: 1) { edges { node { id } } } }';
    const { data, errors } = await gateway.execute(`{
      ann: customer(customerId: "ann") { ${entity} }
      ben: customer(customerId: "ben") { ${entity} }
      events { edges { node { customer { customerId } entity { id name customer { name } } } } }
    }`);
    expect(errors).toEqual([]);
    expect(data.ann.entity.customer.name).toBe('Name of ann');
    expect(data.ben.entity.customer.name).toBe('Name of ben');
    expect(data.ann.entity.id).not.toBe(data.ben.entity.id);
    const [one, other] = [data.ann, data.ben].map(({ entity }) => entity.events.edges[0].node.id);
    expect(one).not.toBe(other);
    for (const { node } of data.events.edges) {
      if (node.entity === null) continue;
      const { customerId } = node.customer;
      expect(node.entity.id).toBe(data[customerId].entity.id);
      expect(node.entity.customer.name).toBe(`Name of ${customerId}`);
    }
  });
});

describe('pages of a time range', () => {
  const range = `customerId: "ann", occurredFrom: "${TIMES[1]}", occurredBefore: "${TIMES[2]}"`;

  it.each([
    ['first', 'after', 'endCursor', 'hasNextPage'],
    ['last', 'before', 'startCursor', 'hasPreviousPage'],
  ])('stay within it, read from the %s', async (size, from, cursor, more) => {
    const seen: number[] = [];
    let at = '';
    do {
      const { data, errors } = await gateway.execute(
        `{ events(${range}, ${size}: 1${at}) { edges { node { value } } pageInfo { ${cursor} ${more} } } }`,
      );
      expect(errors).toEqual([]);
      const { edges, pageInfo } = data.events;
      seen.push(...edges.map(({ node }: { node: { value: number } }) => node.value));
      at = pageInfo[more] ? `, ${from}: "${pageInfo[cursor]}"` : '';
    } while (at !== '' && seen.length < 10);
    expect(seen.toSorted((a, b) => a - b)).toEqual([2, 12]);
  });

  it.each(['after', 'before'])('are empty beyond a cursor outside of it, %s', async (argument) => {
    const { data } = await gateway.execute(
      '{ newest: events(first: 1) { edges { cursor } } oldest: events(last: 1) { edges { cursor } } }',
    );
    const [{ cursor }] = (argument === 'after' ? data.oldest : data.newest).edges;
    const page = await gateway.execute(
      `{ events(${range}, ${argument}: "${cursor}") { edges { node { value } } } }`,
    );
    expect(page.data.events.edges).toEqual([]);
  });
});

describe('two nodes of one type, read by their global ids', () => {
  const NODES = {
    Customer: '{ customers(first: 2) { edges { node { id } } } }',
    CustomerEntity:
      '{ customer(customerId: "ann") { entities(first: 2) { edges { node { id } } } } }',
    Feature: '{ features(first: 2) { edges { node { id } } } }',
    UsageEvent: '{ events(customerId: "ann", first: 2) { edges { node { id } } } }',
    Balance:
      '{ customer(customerId: "ann") { balance(featureId: "messages") { breakdown { id } } } }',
    LedgerEntry: `{ customer(customerId: "ann") { balance(featureId: "messages") {
      breakdown { ledger(first: 2) { edges { node { id } } } } } } }`,
  } as const;

  it.each(Object.entries(NODES))('are kept apart in one answer: %s', async (type, query) => {
    const found = await gateway.execute(query);
    const ids = [...JSON.stringify(found.data).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(ids.length);
    const nodes = ids.map((id, n) => `n${n}: node(id: "${id}") { __typename id }`);
    const { data } = await gateway.execute(`{ ${nodes.join(' ')} }`);
    expect(Object.values(data)).toEqual(ids.map((id) => ({ __typename: type, id })));
  });
});

describe('the events of two customers, and of an entity of each', () => {
  it('are kept apart in one answer', async () => {
    const events = 'events(first: 100) { edges { node { value customer { customerId } } } }';
    const of = (id: string) =>
      `${id}: customer(customerId: "${id}") { ${events} entity(entityId: "seat") { ${events} } }`;
    const { data, errors } = await gateway.execute(`{ ${of('ann')} ${of('ben')} }`);
    expect(errors).toEqual([]);
    for (const customerId of ['ann', 'ben']) {
      const { events, entity } = data[customerId];
      const valuesOf = (list: { edges: { node: { value: number; customer: object } }[] }) =>
        list.edges.map(({ node: { value, customer } }) => {
          expect(customer).toEqual({ customerId });
          return value;
        });
      expect(valuesOf(events).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 11, 12, 13]);
      expect(valuesOf(entity.events)).toEqual([3, 2, 1]);
    }
  });
});

describe('lists of two customers in one answer', () => {
  it.each([
    ['entities', 'entities { edges { node { id entityId } } }'],
    ['the balances', 'balances { breakdown { id granted } }'],
    ['ledgers', 'balances { breakdown { id ledger(first: 5) { edges { node { id } } } } }'],
    ['events', 'events { edges { node { id } } }'],
  ])('are read separately: %s', async (_what, list) => {
    const of = (name: string) => `${name}: customer(customerId: "${name}") { ${list} }`;
    const { data, errors } = await gateway.execute(`{ ${of('ann')} ${of('ben')} }`);
    expect(errors).toEqual([]);
    const alone = async (name: string) => (await gateway.execute(`{ ${of(name)} }`)).data[name];
    expect(data).toEqual({ ann: await alone('ann'), ben: await alone('ben') });
    expect(data.ann).not.toEqual(data.ben);
  });
});

it('ledgers of two balances in one answer are read separately', async () => {
  const ledger = 'ledger(first: 5) { edges { node { id } } }';
  const { data } = await gateway.execute(
    `{ customer(customerId: "ann") { balances { breakdown { id ${ledger} } } } }`,
  );
  const ledgers = new Set<string>();
  for (const { breakdown } of data.customer.balances) {
    for (const balance of breakdown) {
      const alone = await gateway.execute(
        `{ node(id: "${balance.id}") { id ... on Balance { ${ledger} } } }`,
      );
      expect(balance).toEqual(alone.data.node);
      ledgers.add(JSON.stringify(balance.ledger));
    }
  }
  expect(ledgers.size).toBe(2);
});

describe('a cursor', () => {
  const LISTS = {
    customers: '{ customers(PAGE) { edges { cursor } } }',
    features: '{ features(PAGE) { edges { cursor } } }',
    entities: '{ customer(customerId: "ann") { entities(PAGE) { edges { cursor } } } }',
    events: '{ events(PAGE) { edges { cursor } } }',
    ledger:
      '{ customer(customerId: "ann") { balance(featureId: "messages") { breakdown { ledger(PAGE) { edges { cursor } } } } } }',
  } as const;

  const cursorOf = async (list: keyof typeof LISTS): Promise<string> => {
    const { data } = await gateway.execute(LISTS[list].replace('PAGE', 'first: 1'));
    const [, cursor] = /"cursor":"([^"]+)"/.exec(JSON.stringify(data)) ?? [];
    return cursor ?? '';
  };

  const names = Object.keys(LISTS) as (keyof typeof LISTS)[];
  const pairs = names.flatMap((of) => names.map((list) => [of, list] as const));

  it.each(pairs)('of %s is accepted by %s only if that is the same list', async (of, list) => {
    const cursor = await cursorOf(of);
    for (const argument of ['after', 'before']) {
      const { errors } = await gateway.execute(
        LISTS[list].replace('PAGE', `first: 1, ${argument}: "${cursor}"`),
      );
      const codes = errors.map(({ extensions }) => extensions['code']);
      expect(codes).toEqual(of === list ? [] : ['BAD_USER_INPUT']);
    }
  });
});
