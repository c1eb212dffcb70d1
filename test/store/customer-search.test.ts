/** A page of customers in any order is one scan of an index, whatever the number of customers. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CustomerOrder } from '../../src/domain/customer-order.js';
import { keyOfPosition } from '../../src/meter/customer-cursor.js';
import type { CustomerSearchPage } from '../../src/meter/read/read-path.js';
import type { Customer } from '../../src/meter/store.js';
import { connect } from '../support/database/connections.js';
import { createStore, type TestStore } from '../support/database/store.js';
import { answersOf } from '../support/meter/read-queue.js';

const CUSTOMERS = 100_000;

let test: TestStore;
let client: pg.Client;

beforeAll(async () => {
  test = await createStore();
  client = await connect(test.database.url);
  // Every other one is deleted, and half of all have the same name.
  await client.query(
    `INSERT INTO customers (customer_key, project_id, id, name, email, version, created_at, deleted_at)
      SELECT gen_random_uuid(), $1, 'c' || n, CASE WHEN n % 4 = 0 THEN 'Same' WHEN n % 2 = 0 THEN 'N' || n END,
        CASE WHEN n % 2 = 0 THEN 'E' || n || '@x.de' END, CASE WHEN n % 2 = 1 THEN -1 ELSE 0 END,
        to_timestamp(1e9 + n / 10), CASE WHEN n % 2 = 1 THEN now() END
      FROM generate_series(1, ${CUSTOMERS}) AS n`,
    [test.projectId],
  );
  // As an erasure leaves them: beside each other by id, with others on both sides.
  await client.query(`UPDATE customers SET id = 'b:' || id WHERE deleted_at IS NOT NULL`);
  await client.query(`UPDATE customers SET id = 'a' || id WHERE id LIKE 'c___'`);
  await client.query('VACUUM ANALYZE customers');
});
afterAll(async () => {
  await client.end();
  await test.close();
});

const LIMIT = 21;
const PAGE = { limit: LIMIT, after: null, before: null, inverted: false };

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

const nodesIn = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesIn)];

type Answers = ReturnType<typeof answersOf>;

const search = (page: CustomerSearchPage) => (reads: Answers) =>
  reads.customerSearchPages(test.projectId, [page]);

/** What the page's statement does. */
async function read(page: (reads: Answers) => Promise<(readonly Customer[])[]>) {
  const query = vi.spyOn(pg.Pool.prototype, 'query');
  const [found = []] = await page(answersOf(test.store.reads));
  const statements = query.mock.calls.map(([statement]) => statement as unknown as pg.QueryConfig);
  query.mockRestore();
  expect(statements).toHaveLength(1);
  const { text = '', values = [] } = statements[0] ?? {};
  const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
  const nodes = nodesIn(rows[0]['QUERY PLAN'][0].Plan);
  const scans = nodes.filter(
    (node) => node['Node Type'].includes('Scan') && node['Node Type'] !== 'Function Scan',
  );
  return { found, scans: scans.filter((node) => node['Node Type'] !== 'Subquery Scan') };
}

const INDEXES: Record<CustomerOrder, string> = {
  NAME: 'customers_name_idx',
  EMAIL: 'customers_email_idx',
  NEWEST: 'customers_project_id_created_at_id_idx',
};

const at = (by: CustomerOrder, value: string, id: string) => keyOfPosition({ value, id }, by);

const PAGES: [string, CustomerSearchPage][] = [
  ['newest first', { ...PAGE, by: 'NEWEST' }],
  ['oldest first', { ...PAGE, by: 'NEWEST', inverted: true }],
  ['behind a time', { ...PAGE, by: 'NEWEST', after: at('NEWEST', '1000005000000', 'c50000') }],
  [
    'before a time',
    { ...PAGE, by: 'NEWEST', before: at('NEWEST', '1000005000000', 'c50000'), inverted: true },
  ],
  ['by name', { ...PAGE, by: 'NAME', after: at('NAME', 'n', ''), before: at('NAME', 'o', '') }],
  [
    'in the middle of a name that many have',
    { ...PAGE, by: 'NAME', after: at('NAME', 'same', 'c5'), before: at('NAME', 'samf', '') },
  ],
  [
    'the last of a name that many have',
    {
      ...PAGE,
      by: 'NAME',
      after: at('NAME', 'same', ''),
      before: at('NAME', 'samf', ''),
      inverted: true,
    },
  ],
  [
    'by e-mail address',
    { ...PAGE, by: 'EMAIL', after: at('EMAIL', 'e5', ''), before: at('EMAIL', 'e6', '') },
  ],
  ['by e-mail address, from the end', { ...PAGE, by: 'EMAIL', inverted: true }],
];

describe(`among ${CUSTOMERS} customers`, () => {
  it.each(PAGES)('%s', async (_what, wanted) => {
    const { found, scans } = await read(search(wanted));
    expect(found).toHaveLength(LIMIT);
    expect(found.every(({ deletedAt }) => deletedAt === null)).toBe(true);
    expect(scans).toMatchObject([
      { 'Node Type': 'Index Scan', 'Index Name': INDEXES[wanted.by], 'Actual Rows': LIMIT },
    ]);
    expect(scans[0]?.['Rows Removed by Filter'] ?? 0).toBe(0);
  });

  it.each([
    ['the first', {}],
    ['across those that are deleted', { after: 'ac998' }],
    ['across them from the end', { before: 'c10002', inverted: true }],
  ])('by id, %s', async (_what, range) => {
    const { found, scans } = await read((reads) =>
      reads.customerPages(test.projectId, [{ ...PAGE, ...range }]),
    );
    expect(found).toHaveLength(LIMIT);
    expect(found.every(({ deletedAt }) => deletedAt === null)).toBe(true);
    expect(scans).toMatchObject([{ 'Index Name': 'customers_living_idx', 'Actual Rows': LIMIT }]);
    expect(scans[0]?.['Rows Removed by Filter'] ?? 0).toBe(0);
  });

  it('what nothing is found for examines nothing', async () => {
    const [after, before] = [at('EMAIL', 'x', ''), at('EMAIL', 'y', '')];
    const { found, scans } = await read(search({ ...PAGE, by: 'EMAIL', after, before }));
    expect(found).toEqual([]);
    expect(scans).toMatchObject([{ 'Index Name': INDEXES.EMAIL, 'Actual Rows': 0 }]);
    expect(scans[0]?.['Rows Removed by Filter'] ?? 0).toBe(0);
  });

  it('pages of all kinds at once take a statement for each order and direction', async () => {
    const query = vi.spyOn(pg.Pool.prototype, 'query');
    const wanted = [...PAGES, ...PAGES].map(([, one]) => one);
    const found = await answersOf(test.store.reads).customerSearchPages(test.projectId, wanted);
    expect(query).toHaveBeenCalledTimes(6);
    query.mockRestore();
    const alone = await Promise.all(
      wanted.map(async (one) =>
        (await answersOf(test.store.reads).customerSearchPages(test.projectId, [one]))[0]?.map(
          ({ id }) => id,
        ),
      ),
    );
    expect(found.map((page) => page.map(({ id }) => id))).toEqual(alone);
  });
});
