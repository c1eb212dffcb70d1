import { Buffer } from 'node:buffer';
import type { CustomerOrder, Position } from '../domain/customer-order.js';
import type { CustomerSearchPage, ReadPath } from '../meter/read/read-path.js';
import { CUSTOMER_COLUMNS, customerFromCells } from './customers.js';
import { type Placed, placed, table } from './placed.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsInSteps } from './rows-in-steps.js';

interface Order {
  /** The expression that the index has, of a row `r`. */
  readonly value: string;
  /** A parameter, as the expression is compared with it. */
  readonly compared: (parameter: string) => string;
  /** The least value and the greatest. */
  readonly bounds: readonly [lowest: string, highest: string];
  /** What the index is restricted to. */
  readonly where: string;
  readonly newestFirst: boolean;
}

/** No text of that length is greater. */
const LAST = '\u{10ffff}'.repeat(64);

const textOrder = (column: string): Order => ({
  value: `left(lower(r.${column} COLLATE "C"), 64)`,
  compared: (parameter) => parameter,
  bounds: ['', LAST],
  where: `r.${column} IS NOT NULL`,
  newestFirst: false,
});

const ORDERS: Readonly<Record<CustomerOrder, Order>> = {
  NAME: textOrder('name'),
  EMAIL: textOrder('email'),
  NEWEST: {
    value: 'r.created_at',
    compared: (parameter) => `to_timestamp(${parameter}::bigint / 1000.0)`,
    // The years 1970 and 9999.
    bounds: ['0', '253402300799999'],
    where: 'true',
    newestFirst: true,
  },
};

/** After every id, which is printable ASCII. */
const LAST_ID = '\u007f';

/** Pages of customers in an order other than that of their ids, each of them a scan of the index that has this order. */
export function customerSearch(client: ReadClient): Pick<ReadPath, 'customerSearchPages'> {
  return {
    customerSearchPages: async (projectId, pages) => {
      const found: Row[][] = pages.map(() => []);
      await Promise.all(
        Object.entries(SQL).map(async ([key, sql]) => {
          const indexes = [...pages.keys()].filter((at) => keyOf(pages[at]) === key);
          if (indexes.length === 0) return;
          const wanted = indexes.flatMap((at) => pages[at] ?? []);
          const rows = await client.rows(sql, projectId, ...parametersOf(wanted));
          for (const [n, ...row] of rows) found[indexes[Number(n) - 1] ?? -1]?.push(row);
        }),
      );
      return found.map((rows) => rowsInSteps(rows, customerFromCells));
    },
  };
}

const keyOf = (page: CustomerSearchPage | undefined) => `${page?.by}:${page?.inverted}`;

const SQL: Readonly<Record<string, Placed>> = Object.fromEntries(
  (['NAME', 'EMAIL', 'NEWEST'] as const).flatMap((by) =>
    [false, true].map((inverted) => [
      `${by}:${inverted}`,
      sqlOf(ORDERS[by], inverted === ORDERS[by].newestFirst ? 'ASC' : 'DESC'),
    ]),
  ),
);

function sqlOf({ value, compared, where }: Order, direction: 'ASC' | 'DESC'): Placed {
  const order = `${value} ${direction}, r.id ${direction}`;
  return placed`SELECT w.n, ${CUSTOMER_COLUMNS}
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::integer[]) WITH ORDINALITY
      AS w(above, above_id, below, below_id, size, n)
    CROSS JOIN LATERAL (SELECT * FROM ${table('customers')} AS r
      WHERE r.project_id = $1 AND r.deleted_at IS NULL AND ${where}
        AND (${value}, r.id) > (${compared('w.above')}, w.above_id)
        AND (${value}, r.id) < (${compared('w.below')}, w.below_id)
      ORDER BY ${order} LIMIT w.size) AS r
    ORDER BY w.n, ${order}`;
}

function parametersOf(pages: readonly CustomerSearchPage[]) {
  const ranges = pages.map((page) => {
    const { bounds, newestFirst } = ORDERS[page.by];
    const after = page.after === null ? null : placeOf(page.after, page.by);
    const before = page.before === null ? null : placeOf(page.before, page.by);
    const [above, below] = newestFirst ? [before, after] : [after, before];
    const lowest: Position = { value: bounds[0], id: '' };
    return { above: above ?? lowest, below: below ?? { value: bounds[1], id: LAST_ID } };
  });
  return [
    ranges.map(({ above }) => above.value),
    ranges.map(({ above }) => above.id),
    ranges.map(({ below }) => below.value),
    ranges.map(({ below }) => below.id),
    pages.map(({ limit }) => limit),
  ];
}

/** Ids may contain colons too. */
function placeOf(cursor: string, by: CustomerOrder): Position {
  const [value = '', ...id] = cursor.split(':');
  const text = by === 'NEWEST' ? value : Buffer.from(value, 'base64url').toString();
  return { value: text, id: id.join(':') };
}
