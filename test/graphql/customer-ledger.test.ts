/** The ledger of a customer: the changes of all its balances in one list, with what stood before and after each. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;

const FEATURES = ['words', 'pages', 'images'];
/** Ended, and not started: whatever has an entry is in the list. */
const ENTITY = { customerId: 'acme', entityId: 'seat' };

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: FEATURES.map((featureId) => ({ featureId, eventNames: ['all'] })),
    customers: [{ customerId: 'acme', entities: ['seat'] }, { customerId: 'other' }],
    balances: [
      ...[...FEATURES, ...FEATURES].map((featureId) => ({
        customerId: 'acme',
        featureId,
        granted: 10,
      })),
      { ...ENTITY, featureId: 'words', granted: 5 },
      { customerId: 'acme', featureId: 'words', granted: 1, startsAt: '2999-01-01T00:00:00Z' },
      { customerId: 'other', featureId: 'words', granted: 7 },
    ],
  });
  // Three balances in one millisecond, and some more of them at once.
  for (const value of [1, 2, 3, 4]) {
    await gateway.execute(`mutation {
      a: trackBalance(input: { customerId: "acme", eventName: "all", value: ${value} }) { __typename }
      b: trackBalance(input: { customerId: "acme", entityId: "seat", featureId: "words" }) { __typename }
    }`);
  }
  await gateway.execute(
    `mutation { deleteEntity(input: { customerId: "acme", entityId: "seat" }) { __typename } }`,
  );
});
afterAll(() => gateway.close());

interface Page {
  readonly edges: { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: Record<'hasNextPage' | 'hasPreviousPage', boolean> &
    Record<'startCursor' | 'endCursor', string | null>;
}

async function page(args: string): Promise<Page> {
  const { data, errors } = await gateway.execute(`{ customer(customerId: "acme") { ledger(${args}) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } } }`);
  expect(errors).toEqual([]);
  return data.customer.ledger;
}

const idsOf = ({ edges }: Page) => edges.map(({ node }) => node.id);

/** In the order of the database, by another route. */
async function expected(featureId: string | null): Promise<string[]> {
  const rows = await gateway.sql(
    `SELECT 'LedgerEntry:' || e.customer_key || ':' || e.balance_id || ':' || e.seq AS id
    FROM ledger_entries e JOIN customers c USING (customer_key) JOIN balances b ON b.id = e.balance_id
    WHERE c.id = 'acme' AND ($1::text IS NULL OR b.feature_id = $1)
    ORDER BY e.recorded_at DESC, e.balance_id DESC, e.seq DESC`,
    [featureId],
  );
  return rows.map(({ id }) => btoa(String(id)));
}

it.each([null, ...FEATURES])(
  'of %s has every entry once, in pages of any size, from both ends',
  async (featureId) => {
    const all = await expected(featureId);
    expect(all.length).toBeGreaterThan(featureId === null ? 20 : 4);
    const filter = featureId === null ? '' : `, featureId: "${featureId}"`;
    for (const size of [1, 2, 3, 7, 50]) {
      const forwards: string[] = [];
      for (let more = true, after = ''; more; ) {
        const found = await page(`first: ${size}${after}${filter}`);
        forwards.push(...idsOf(found));
        more = found.pageInfo.hasNextPage;
        after = `, after: "${found.pageInfo.endCursor}"`;
      }
      expect(forwards, `first: ${size}`).toEqual(all);
      const backwards: string[] = [];
      for (let more = true, before = ''; more; ) {
        const found = await page(`last: ${size}${before}${filter}`);
        backwards.unshift(...idsOf(found));
        more = found.pageInfo.hasPreviousPage;
        before = `, before: "${found.pageInfo.startCursor}"`;
      }
      expect(backwards, `last: ${size}`).toEqual(all);
    }
  },
);

it('has what is between any two cursors', async () => {
  const { edges } = await page('first: 50');
  for (const [from, to] of [
    [0, 4],
    [3, 9],
    [8, edges.length - 1],
    [5, 6],
  ] as const) {
    const between = await page(
      `first: 50, after: "${edges[from]?.cursor}", before: "${edges[to]?.cursor}"`,
    );
    expect(idsOf(between)).toEqual(edges.slice(from + 1, to).map(({ node }) => node.id));
  }
});

it('says what was granted and used before and after each change, and of which balance', async () => {
  const { data } =
    await gateway.execute(`{ customer(customerId: "acme") { ledger(first: 50, featureId: "words") {
    edges { node { kind amount grantedBefore usedBefore grantedAfter usedAfter reason actor balance { id } } }
  } } }`);
  const states = new Map<string, { granted: number; used: number }>();
  for (const { node } of data.customer.ledger.edges.toReversed()) {
    const before = states.get(node.balance.id) ?? { granted: 0, used: 0 };
    expect(node).toMatchObject({
      grantedBefore: before.granted,
      usedBefore: before.used,
      reason: null,
      actor: null,
    });
    expect(node.amount).toBe(node.grantedAfter - node.usedAfter - before.granted + before.used);
    states.set(node.balance.id, { granted: node.grantedAfter, used: node.usedAfter });
  }
  expect([...states.values()]).toHaveLength(4);
});

it.each(['MTpiOjE=', 'Q3VzdG9tZXJMZWRnZXI6MQ==', ''])(
  'refuses a cursor that it has not returned: %j',
  async (cursor) => {
    const { errors } = await gateway.execute(
      `{ customer(customerId: "acme") { ledger(after: "${cursor}") { edges { cursor } } } }`,
    );
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  },
);
