/** Customers are found by the beginning of their ids, in pages, exactly those that have it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';

/** In byte order, with the first and the last printable characters around the beginnings that are tried. */
const IDS = [
  '!',
  '!!',
  '!~',
  'A',
  'a',
  'a!',
  'aa',
  'ab',
  'ab!',
  'ab~',
  'ab~~',
  'ac',
  'a~',
  'b',
  '~',
  '~!',
  '~~',
];

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  const inputs = IDS.map(
    (id, n) => `c${n}: createCustomer(input: { customerId: "${id}" }) { __typename }`,
  );
  expect((await gateway.execute(`mutation { ${inputs.join(' ')} }`)).errors).toEqual([]);
});
afterAll(() => gateway.close());

const QUERY = `query ($prefix: String, $first: Int, $last: Int, $after: String, $before: String) {
  customers(customerIdPrefix: $prefix, first: $first, last: $last, after: $after, before: $before) {
    edges { cursor node { customerId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

async function page(variables: Record<string, unknown>) {
  const { data, errors } = await gateway.execute(QUERY, variables);
  expect(errors).toEqual([]);
  const { edges, pageInfo } = data.customers;
  return {
    ids: edges.map(({ node }: { node: { customerId: string } }) => node.customerId),
    pageInfo,
  };
}

/** All pages of one size, from either end. */
async function walk(prefix: string, size: number, forward: boolean): Promise<string[]> {
  const found: string[] = [];
  let position = {};
  for (;;) {
    const { ids, pageInfo } = await page({
      prefix,
      [forward ? 'first' : 'last']: size,
      ...position,
    });
    if (forward) found.push(...ids);
    else found.unshift(...ids);
    if (!(forward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) return found;
    position = forward ? { after: pageInfo.endCursor } : { before: pageInfo.startCursor };
  }
}

describe('customers(customerIdPrefix)', () => {
  it.each(['!', '~', 'a', 'A', 'ab', 'ab~', 'a!', 'a~', '~~', 'b', 'zz', 'a'.repeat(255)])(
    '%s',
    async (prefix) => {
      const expected = IDS.filter((id) => id.startsWith(prefix));
      expect((await page({ prefix })).ids).toEqual(expected);
      for (const size of [1, 2]) {
        expect(await walk(prefix, size, true)).toEqual(expected);
        expect(await walk(prefix, size, false)).toEqual(expected);
      }
    },
  );

  it('null is no condition', async () => {
    expect((await page({ prefix: null })).ids).toEqual(IDS);
  });

  it.each(['', 'a b', 'é', 'a'.repeat(256)])('%j is refused', async (prefix) => {
    const { errors } = await gateway.execute(QUERY, { prefix });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('finds customers of the project alone', async () => {
    const { data } = await gateway.execute(QUERY, { prefix: 'a' }, gateway.foreignSecret);
    expect(data.customers.edges).toEqual([]);
  });
});
