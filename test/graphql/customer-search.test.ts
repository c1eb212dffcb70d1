/** Customers are found by the beginning of their names and e-mail addresses and listed newest first, in pages, each exactly once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACME, startTokenGateway, type TokenGateway } from '../support/access/token-gateway.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

const LONG = 'Long'.padEnd(63, 'g');

/** Characters of one to four bytes, in an order in which code units of UTF-16 would be wrong. */
const NAMES = [
  'Ann',
  'ann',
  'ANN b',
  'an',
  'Änn',
  'änn',
  'ann\u0001',
  'ann~',
  'ann\u{1F600}',
  'ann\uFFFD',
  'ann\u{10FFFF}',
  '\u{10FFFF}',
  '\u{10FFFF}\u{10FFFF}a',
  '\uD7FF',
  '\uE000',
  'Bob',
  'bob',
  `${LONG}\u{1F600}a`,
  `${LONG}\u{1F600}b`,
  `${LONG}h`,
  ' ',
  null,
];

interface Listed {
  readonly customerId: string;
  readonly name: string | null;
  readonly email: string | null;
}

/** In the order in which they were created, which their ids are not in. */
const CUSTOMERS: Listed[] = NAMES.map((name, n) => ({
  customerId: `${(n * 7) % NAMES.length}:${n}`,
  name,
  email: name === null ? null : `${name.replace(/[\s\p{Cc}]/gu, '_').slice(0, 40)}@Example.com`,
}));

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  for (const [n, { customerId, name, email }] of CUSTOMERS.entries()) {
    const { data, errors } = await gateway.execute(
      'mutation ($input: CustomersCreateInput!) { createCustomer(input: $input) { __typename } }',
      { input: { customerId, name, email } },
    );
    expect([data?.createCustomer.__typename, errors]).toEqual(['CreateCustomerPayload', []]);
    await gateway.sql('UPDATE customers SET created_at = to_timestamp($1) WHERE id = $2', [
      1_700_000_000.001 + Math.floor(n / 3) / 1_000,
      customerId,
    ]);
  }
  const { data } = await gateway.execute(
    `mutation { deleteCustomer(input: { customerId: "${CUSTOMERS.at(-1)?.customerId}" }) { __typename } }`,
  );
  expect(data.deleteCustomer.__typename).toBe('DeleteCustomerPayload');
});
afterAll(() => gateway.close());

const ALIVE = CUSTOMERS.slice(0, -1);

const QUERY = `query ($name: String, $email: String, $id: String, $order: CustomerOrder,
    $first: Int, $last: Int, $after: String, $before: String) {
  customers(namePrefix: $name, emailPrefix: $email, customerIdPrefix: $id, orderBy: $order,
      first: $first, last: $last, after: $after, before: $before) {
    edges { cursor node { customerId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

async function page(variables: Record<string, unknown>) {
  const { data, errors } = await gateway.execute(QUERY, variables);
  expect(errors).toEqual([]);
  const { edges, pageInfo } = data.customers;
  const ids = edges.map(({ node }: { node: Listed }) => node.customerId) as string[];
  return { ids, pageInfo };
}

/** All pages of one size, from either end. */
async function walk(search: object, size: number, forward: boolean): Promise<string[]> {
  const found: string[] = [];
  let position = {};
  for (;;) {
    const { ids, pageInfo } = await page({
      ...search,
      [forward ? 'first' : 'last']: size,
      ...position,
    });
    if (forward) found.push(...ids);
    else found.unshift(...ids);
    if (!(forward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) return found;
    position = forward ? { after: pageInfo.endCursor } : { before: pageInfo.startCursor };
  }
}

/** From the documentation: A to Z like a to z, the first 64 characters, by code point and then by id. */
const keyOf = (text: string) =>
  Array.from(text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())).slice(0, 64);

function expected(field: 'name' | 'email', prefix: string): string[] {
  const wanted = keyOf(prefix);
  const pointsOf = (listed: Listed) => keyOf(listed[field] ?? '').map((c) => c.codePointAt(0) ?? 0);
  return ALIVE.filter((listed) => {
    const key = keyOf(listed[field] ?? '');
    return wanted.every((char, n) => key[n] === char);
  })
    .toSorted((a, b) => {
      const [x, y] = [pointsOf(a), pointsOf(b)];
      for (let n = 0; n < Math.max(x.length, y.length); n += 1) {
        const difference = (x[n] ?? -1) - (y[n] ?? -1);
        if (difference !== 0) return difference;
      }
      return a.customerId < b.customerId ? -1 : 1;
    })
    .map(({ customerId }) => customerId);
}

const PREFIXES = [
  ...['a', 'ANN', 'ann', 'Än', 'ä', 'ann\u{1F600}', 'ann\uFFFD', 'ann\u{10FFFF}', '\u{10FFFF}'],
  ...['\uD7FF', '\uE000', 'b', LONG, `${LONG}\u{1F600}`, ' ', 'zz', '%', 'x'.repeat(64)],
];

describe.each(['name', 'email'] as const)('customers(%sPrefix:)', (field) => {
  it.each(PREFIXES)('%j', async (prefix) => {
    const wanted = expected(field, prefix);
    expect((await page({ [field]: prefix, first: 100 })).ids).toEqual(wanted);
    for (const size of [1, 3]) {
      expect(await walk({ [field]: prefix }, size, true)).toEqual(wanted);
      expect(await walk({ [field]: prefix }, size, false)).toEqual(wanted);
    }
  });

  it('finds several', () => {
    // So that the table does not compare empty lists.
    expect(expected(field, 'ANN').length).toBeGreaterThan(5);
  });

  it('finds customers of the project alone', async () => {
    const { data } = await gateway.execute(QUERY, { [field]: 'a' }, gateway.foreignSecret);
    expect(data.customers.edges).toEqual([]);
  });

  it.each(['', 'x'.repeat(65), '\uD800'])('%j is refused', async (prefix) => {
    const { errors } = await gateway.execute(QUERY, { [field]: prefix });
    expect(errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', issues: [{ path: `${field}Prefix` }] } },
    ]);
  });
});

describe('customers(orderBy:)', () => {
  const newest = ALIVE.map(({ customerId }, n) => ({ customerId, at: Math.floor(n / 3) }))
    .toSorted((a, b) => b.at - a.at || (a.customerId < b.customerId ? 1 : -1))
    .map(({ customerId }) => customerId);

  it('NEWEST_FIRST lists those that were created last first', async () => {
    const search = { order: 'NEWEST_FIRST' };
    expect((await page({ ...search, first: 100 })).ids).toEqual(newest);
    for (const size of [1, 2, 5]) {
      expect(await walk(search, size, true)).toEqual(newest);
      expect(await walk(search, size, false)).toEqual(newest);
    }
  });

  it('by default, and with CUSTOMER_ID, lists by id, with the cursors of earlier releases', async () => {
    const ids = ALIVE.map(({ customerId }) => customerId).toSorted();
    for (const search of [{}, { order: null }, { order: 'CUSTOMER_ID' }]) {
      const { ids: found, pageInfo } = await page({ ...search, first: 100 });
      expect(found).toEqual(ids);
      expect(pageInfo.startCursor).toBe(btoa(`Customer:${ids[0]}`));
    }
    expect((await page({ order: 'CUSTOMER_ID', id: '1' })).ids).toEqual(
      ids.filter((id) => id.startsWith('1')),
    );
  });
});

describe('a search', () => {
  it.each([
    ['namePrefix', { id: 'a', name: 'a' }, 'customerIdPrefix'],
    ['emailPrefix', { id: 'a', email: 'a' }, 'customerIdPrefix'],
    ['emailPrefix', { name: 'a', email: 'a' }, 'namePrefix'],
    ['orderBy', { id: 'a', order: 'NEWEST_FIRST' }, 'customerIdPrefix'],
    ['orderBy', { name: 'a', order: 'CUSTOMER_ID' }, 'namePrefix'],
    ['orderBy', { email: 'a', order: 'NEWEST_FIRST' }, 'emailPrefix'],
  ])('refuses %s in %j', async (path, variables, other) => {
    const { errors } = await gateway.execute(QUERY, variables);
    const message = expect.stringContaining(`must not be given together with ${other}`);
    expect(errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', issues: [{ path, rule: 'exclusive', message }] } },
    ]);
  });

  it.each([{ name: 'a' }, { email: 'a' }, { order: 'NEWEST_FIRST' }, {}])(
    'refuses the cursors of other lists: %j',
    async (search) => {
      const others = [{ name: 'a' }, { email: 'a' }, { order: 'NEWEST_FIRST' }, {}].filter(
        (other) => JSON.stringify(other) !== JSON.stringify(search),
      );
      for (const other of others) {
        const { pageInfo } = await page({ ...other, first: 1 });
        const { errors } = await gateway.execute(QUERY, { ...search, after: pageInfo.endCursor });
        expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      }
    },
  );

  it('goes on behind a customer that has another name by then', async () => {
    const wanted = expected('name', 'bob');
    const { ids, pageInfo } = await page({ name: 'bob', first: 1 });
    expect(ids).toEqual(wanted.slice(0, 1));
    const rename = (name: string) =>
      gateway.execute(
        `mutation ($id: String!, $name: String) {
          updateCustomer(input: { customerId: $id, name: $name }) { __typename } }`,
        { id: ids[0], name },
      );
    await rename('Zoe');
    expect((await page({ name: 'bob', after: pageInfo.endCursor })).ids).toEqual(wanted.slice(1));
    await rename(ALIVE.find(({ customerId }) => customerId === ids[0])?.name ?? '');
  });
});

describe('with a customer token', () => {
  let tokens: TokenGateway;

  beforeAll(async () => {
    tokens = await startTokenGateway();
    await tokens.execute(`mutation {
      updateCustomer(input: { customerId: "${ACME}", name: "Acme", email: "Acme@x.de" }) { __typename }
    }`);
  });
  afterAll(() => tokens.close());

  it.each([
    ['namePrefix: "aCM"', 1, 0],
    ['namePrefix: "b"', 0, 0],
    ['emailPrefix: "acme@"', 1, 0],
    ['emailPrefix: "acme@", first: 0', 0, 0],
    [`namePrefix: "a", after: "${btoa(`CustomerByNAME:YQ:${ACME}`)}"`, 1, 0],
    [`namePrefix: "a", before: "${btoa(`CustomerByNAME:YQ:${ACME}`)}"`, 0, 0],
    ['orderBy: NEWEST_FIRST', 1, 1],
    [`orderBy: NEWEST_FIRST, after: "${btoa('CustomerByNEWEST:0:a')}"`, 0, 0],
    [`orderBy: NEWEST_FIRST, before: "${btoa('CustomerByNEWEST:0:a')}"`, 1, 1],
  ])(
    'finds its customer where it belongs, and its entity no name: %s',
    async (args, own, entity) => {
      const query = `{ customers(${args}) { edges { node { customerId } } } }`;
      const ask = async (token: string) =>
        (await tokens.answer(query, tokens.publishable, token)).data.customers.edges.length;
      expect(await ask(await tokens.tokenFor(ACME))).toBe(own);
      expect(await ask(await tokens.tokenFor(ACME, 'desk-hidden'))).toBe(entity);
    },
  );
});
