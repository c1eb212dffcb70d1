import type { CustomerLedgerPage, ReadPath } from '../meter/read/read-path.js';
import { ENTRY_COLUMNS, entryFromCells } from './ledger-entries.js';
import { type Placed, placed, table } from './placed.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsInSteps } from './rows-in-steps.js';

/**
 * The ledgers of all balances of a customer as one list. There is no index in its order, which every usage event would pay for:
 * each balance's part of the list is found by halving, as its entries are numbered in the order in which they were recorded.
 */
export function customerLedgerReads(client: ReadClient): Pick<ReadPath, 'customerLedgerPages'> {
  return {
    customerLedgerPages: async (projectId, pages) => {
      const found: Row[][] = pages.map(() => []);
      await Promise.all([
        read(client, NEWEST_FIRST, projectId, pages, false, found),
        read(client, OLDEST_FIRST, projectId, pages, true, found),
      ]);
      return found.map((rows) => rowsInSteps(rows, entryFromCells));
    },
  };
}

async function read(
  client: ReadClient,
  sql: Placed,
  projectId: string,
  pages: readonly CustomerLedgerPage[],
  inverted: boolean,
  found: readonly Row[][],
): Promise<void> {
  const indexes = [...pages.keys()].filter((index) => pages[index]?.inverted === inverted);
  if (indexes.length === 0) return;
  const wanted = indexes.flatMap((index) => pages[index] ?? []);
  const cursors = [
    ...cursorColumns(wanted.map(({ after }) => after)),
    ...cursorColumns(wanted.map(({ before }) => before)),
  ];
  const rows = await client.rows(
    sql,
    projectId,
    wanted.map(({ customerKey }) => customerKey),
    wanted.map(({ featureId }) => featureId),
    wanted.map(({ limit }) => limit),
    ...cursors,
  );
  for (const [n, ...row] of rows) found[indexes[Number(n) - 1] ?? -1]?.push(row);
}

/** Cursors are the keys of entries: when it was recorded, its balance and its number. */
function cursorColumns(cursors: readonly (string | null)[]): (string | null)[][] {
  const parts = cursors.map((cursor) => cursor?.split(':') ?? []);
  return [0, 1, 2].map((part) => parts.map((ofOne) => ofOne[part] ?? null));
}

const WANTED = `unnest($2::uuid[], $3::text[], $4::integer[],
    $5::bigint[], $6::uuid[], $7::bigint[], $8::bigint[], $9::uuid[], $10::bigint[]) WITH ORDINALITY
  AS w(customer_key, feature_id, size, after_at, after_balance, after_seq, before_at, before_balance, before_seq, n)`;

/**
 * How many of the balance's entries come before the cursor in time; between balances, the id decides within a millisecond.
 * Each step is a search for one entry. One that is missing has been let go, so it is older than all that are kept.
 */
const countBefore = (cursor: string) => placed`coalesce((WITH RECURSIVE s(low, high) AS (
    SELECT 0::bigint, b.ledger_seq
    UNION ALL
    SELECT CASE WHEN m.earlier THEN m.middle ELSE s.low END, CASE WHEN m.earlier THEN s.high ELSE m.middle - 1 END
    FROM s CROSS JOIN LATERAL (SELECT (s.low + s.high + 1) / 2 AS middle, coalesce((SELECT e.recorded_at
        < to_timestamp((w.${cursor}_at + (b.id < w.${cursor}_balance)::integer) / 1000.0)
      FROM ${table('ledger_entries')} AS e
      WHERE e.customer_key = b.customer_key AND e.balance_id = b.id AND e.seq = (s.low + s.high + 1) / 2 LIMIT 1), true)
      AS earlier OFFSET 0) AS m
    WHERE s.low < s.high
  ) SELECT low FROM s WHERE low = high), 0)`;

/** The entries of each balance that are older than the one cursor and newer than the other: those after `low`, up to `high`. */
const PARTS = placed`SELECT b.customer_key, b.id,
    CASE WHEN w.before_at IS NULL THEN 0 WHEN b.id = w.before_balance THEN w.before_seq
      ELSE ${countBefore('before')} END AS low,
    CASE WHEN w.after_at IS NULL THEN b.ledger_seq WHEN b.id = w.after_balance THEN w.after_seq - 1
      ELSE ${countBefore('after')} END AS high
  FROM ${table('balances')} AS b
  WHERE b.customer_key = w.customer_key AND b.project_id = $1 AND (w.feature_id IS NULL OR b.feature_id = w.feature_id)
  OFFSET 0`;

/** A page has entries of no more balances than it has entries, and these are the balances whose first ones come first. */
const listSql = (direction: 'ASC' | 'DESC', first: string) => placed`SELECT w.n, ${ENTRY_COLUMNS}
FROM ${WANTED} CROSS JOIN LATERAL (
  SELECT e.* FROM (
    SELECT part.* FROM (${PARTS}) AS part CROSS JOIN LATERAL (SELECT recorded_at FROM ${table('ledger_entries')} AS f
      WHERE f.customer_key = part.customer_key AND f.balance_id = part.id AND f.seq ${first}) AS f
    WHERE part.low < part.high
    ORDER BY f.recorded_at ${direction}, part.id ${direction} LIMIT w.size
  ) AS part CROSS JOIN LATERAL (
    SELECT * FROM ${table('ledger_entries')} AS e
    WHERE e.customer_key = part.customer_key AND e.balance_id = part.id AND e.seq > part.low AND e.seq <= part.high
    ORDER BY e.seq ${direction} LIMIT w.size
  ) AS e
  ORDER BY e.recorded_at ${direction}, e.balance_id ${direction}, e.seq ${direction} LIMIT w.size
) AS r
ORDER BY w.n, r.recorded_at ${direction}, r.balance_id ${direction}, r.seq ${direction}`;

const NEWEST_FIRST = listSql('DESC', '= part.high LIMIT 1');
const OLDEST_FIRST = listSql('ASC', '> part.low ORDER BY f.seq LIMIT 1');
