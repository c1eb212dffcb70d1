/** Every list can be paged through in both directions and contains each item once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const COUNT = 7;

let gateway: TestGateway;

const ids = Array.from({ length: COUNT }, (_, index) => `id-${index}`);

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: ids.map((featureId) => ({ featureId })),
    customers: ids.map((customerId) => ({
      customerId,
      entities: customerId === 'id-0' ? ids : [],
    })),
    balances: [{ customerId: 'id-0', featureId: 'id-0', granted: 100 }],
  });
  for (let value = 1; value < COUNT; value += 1) {
    await gateway.execute(`mutation { trackBalance(input: {
      customerId: "id-0", featureId: "id-0", entityId: "id-0", value: ${value}
    }) { __typename } }`);
  }
});
afterAll(() => gateway.close());

interface List {
  readonly title: string;
  readonly query: (list: string) => string;
  readonly field: string;
  /** The field that identifies an item; `expected` has its values in order. */
  readonly key: string;
  readonly expected: readonly (string | number)[];
}

const values = [6, 5, 4, 3, 2, 1];
const acme = (list: string) => `{ customer(customerId: "id-0") { ${list} } }`;
const seat = (list: string) => acme(`entity(entityId: "id-0") { ${list} }`);
const root = (list: string) => `{ ${list} }`;
const ledger = (list: string) => acme(`balance(featureId: "id-0") { breakdown { ${list} } }`);

const LISTS: List[] = [
  { title: 'customers', query: root, field: 'customers', key: 'customerId', expected: ids },
  { title: 'features', query: root, field: 'features', key: 'featureId', expected: ids },
  { title: 'entities', query: acme, field: 'entities', key: 'entityId', expected: ids },
  { title: 'events', query: root, field: 'events', key: 'value', expected: values },
  { title: "a customer's events", query: acme, field: 'events', key: 'value', expected: values },
  { title: "an entity's events", query: seat, field: 'events', key: 'value', expected: values },
  {
    title: 'ledger entries',
    query: ledger,
    field: 'ledger',
    key: 'amount',
    expected: [-6, -5, -4, -3, -2, -1, 100],
  },
];

interface Connection {
  readonly edges: readonly { cursor: string; node: Record<string, string | number> }[];
  readonly pageInfo: TestPage['pageInfo'];
}

/** The first connection of that name at any depth of an answer. */
function connection(data: unknown, name: string): Connection {
  let part: unknown;
  JSON.stringify(data, (key, value) => {
    if (key === name) part ??= value;
    return value;
  });
  // The document requests exactly these fields.
  return part as Connection;
}

interface TestPage {
  readonly keys: readonly (string | number)[];
  readonly pageInfo: Readonly<Record<'startCursor' | 'endCursor', string | null>> &
    Readonly<Record<'hasNextPage' | 'hasPreviousPage', boolean>>;
}

async function read({ query, field, key }: List, args: object): Promise<TestPage> {
  const written = Object.entries(args).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const selection = `edges { cursor node { ${key} } }
    pageInfo { startCursor endCursor hasNextPage hasPreviousPage }`;
  const { data, errors } = await gateway.execute(
    query(`${field}(${written.join(', ')}) { ${selection} }`),
  );
  expect(errors).toEqual([]);
  const { edges, pageInfo } = connection(data, field);
  expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null);
  expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null);
  return { keys: edges.map(({ node }) => node[key] ?? ''), pageInfo };
}

describe.each(LISTS)('$title', (list) => {
  it('are listed in order from the start', async () => {
    const seen: (string | number)[] = [];
    let after: string | null = null;
    do {
      const { keys, pageInfo } = await read(list, { first: 3, ...(after && { after }) });
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      seen.push(...keys);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(list.expected);
  });

  it('are listed in the same order from the end', async () => {
    const seen: (string | number)[] = [];
    let before: string | null = null;
    do {
      const { keys, pageInfo } = await read(list, { last: 3, ...(before && { before }) });
      expect(pageInfo.hasNextPage).toBe(before !== null);
      seen.unshift(...keys);
      before = pageInfo.hasPreviousPage ? pageInfo.startCursor : null;
    } while (before !== null);
    expect(seen).toEqual(list.expected);
  });

  it('can be listed between two cursors', async () => {
    const { pageInfo } = await read(list, { first: 1 });
    const end = await read(list, { last: 1 });
    const { keys } = await read(list, {
      first: list.expected.length,
      after: pageInfo.startCursor,
      before: end.pageInfo.endCursor,
    });
    expect(keys).toEqual(list.expected.slice(1, -1));
  });

  it('can be requested with a page size of 0', async () => {
    const { keys, pageInfo } = await read(list, { first: 0 });
    expect(keys).toEqual([]);
    expect(pageInfo).toMatchObject({ startCursor: null, endCursor: null, hasNextPage: true });
  });
});
