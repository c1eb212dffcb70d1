import { uuidV5 } from '../platform/id.js';
import type { InPlace } from './context.js';
import { type Placed, placed, SCHEMA, table } from './placed.js';

/** Two figures that should be equal but are not. */
export interface Difference {
  readonly what: string;
  readonly inLedger: string;
  readonly inBalance: string;
}

/** A balance that differs from its ledger. */
export interface Damage {
  readonly project: string;
  readonly customerId: string;
  readonly balanceId: string;
  readonly differences: readonly Difference[];
}

export interface AuditPage {
  /** Balances checked in this page. */
  readonly balances: number;
  /** Those of them whose first entries have been let go, so that what these left is taken from the oldest one that is kept. */
  readonly opened: number;
  readonly damages: readonly Damage[];
}

export interface Audit {
  /** How many balances there are to check. */
  count(projectId: string | null): Promise<number>;
  /** Page by page, so that memory is bounded however many there are. */
  pages(projectId: string | null): AsyncGenerator<AuditPage>;
}

const PAGE_BALANCES_MAX = 200;

const FIRST_KEY = '00000000-0000-0000-0000-000000000000';

/** Every project, or one. */
const IN_PROJECT = '($3::uuid IS NULL OR project_id = $3::uuid)';

/** What the customer's reservations that have not ended hold of the balance. */
const HELD = placed`SELECT coalesce(sum((take ->> 2)::numeric), 0) AS sum
  FROM ${table('reservations')} h CROSS JOIN json_array_elements(h.charges -> 'charges') AS charge
  CROSS JOIN json_array_elements(charge -> 2) AS take
  WHERE h.customer_key = page.customer_key AND h.ended_at IS NULL AND take ->> 0 = page.id::text`;

/**
 * The first ranges that begin with the last of each balance's entries that were let go (store/ranges/let-go.ts). Nowhere else may a ledger begin
 * later than with its first entry.
 */
const OPENINGS = placed`SELECT c.oid FROM pg_class c
    WHERE c.relnamespace = '${SCHEMA}'::regnamespace AND c.relname ~ '^ledger_entries_before_' AND c.relispartition`;

/**
 * One statement, hence one snapshot: a gateway may keep writing meanwhile. Each ledger is read in
 * the order of its primary key, so nothing is sorted, and only sums are kept.
 */
const BALANCES = placed`WITH openings AS MATERIALIZED (${OPENINGS}), page AS MATERIALIZED (
  SELECT customer_key, id, given_id, project_id, ledger_seq, granted, used, rollovers FROM ${table('balances')}
  WHERE (customer_key, id) > ($1::uuid, $2::uuid) AND ${IN_PROJECT}
  ORDER BY customer_key, id LIMIT ${PAGE_BALANCES_MAX}
)
SELECT page.customer_key AS "customerKey", page.id, page.given_id AS "givenId",
  coalesce(projects.name, page.project_id::text) AS project,
  coalesce(customers.id, page.customer_key::text) AS "customerId",
  page.ledger_seq::text AS "ledgerSeq", (ledger.entries + opening.seq)::text AS entries,
  opening.seq > 0 AS opened,
  coalesce(last.seq, 0)::text AS "lastSeq",
  trim_scale(coalesce(ledger.sum, 0) + opening.standing)::text AS sum,
  trim_scale(total.granted - total.used - total.reserved)::text AS standing,
  trim_scale(total.granted)::text AS granted, trim_scale(last.granted_after)::text AS "lastGranted",
  trim_scale(total.used)::text AS used, trim_scale(last.used_after)::text AS "lastUsed",
  trim_scale(total.reserved)::text AS reserved,
  trim_scale(coalesce(last.reserved_after, 0))::text AS "lastReserved",
  trim_scale(held.sum)::text AS held,
  ledger.broken::text AS broken, trim_scale(broken.sum + opening.standing)::text AS "brokenSum",
  trim_scale(broken.standing)::text AS "brokenStanding"
FROM page
LEFT JOIN projects ON projects.id = page.project_id
LEFT JOIN ${table('customers')} USING (customer_key)
LEFT JOIN LATERAL (
  SELECT e.seq, e.tableoid IN (SELECT oid FROM openings) AS opens,
    e.granted_after - e.used_after - e.reserved_after - e.amount AS before
  FROM ${table('ledger_entries')} e
  WHERE e.customer_key = page.customer_key AND e.balance_id = page.id ORDER BY e.seq LIMIT 1
) AS first ON true
CROSS JOIN LATERAL (
  -- What the entries that have been let go left, and how many they were.
  SELECT CASE WHEN first.opens THEN first.seq - 1 ELSE 0 END AS seq,
    CASE WHEN first.opens AND first.seq > 1 THEN first.before ELSE 0 END AS standing
) AS opening
CROSS JOIN LATERAL (
  SELECT count(*) AS entries, sum(amount) AS sum,
    min(seq) FILTER (WHERE so_far + opening.standing <> after) AS broken
  FROM (SELECT e.seq, e.amount, e.granted_after - e.used_after - e.reserved_after AS after,
      sum(e.amount) OVER (ORDER BY e.seq) AS so_far
    FROM ${table('ledger_entries')} e
    WHERE e.customer_key = page.customer_key AND e.balance_id = page.id) AS entry
) AS ledger
LEFT JOIN LATERAL (
  SELECT e.seq, e.granted_after, e.used_after, e.reserved_after FROM ${table('ledger_entries')} e
  WHERE e.customer_key = page.customer_key AND e.balance_id = page.id ORDER BY e.seq DESC LIMIT 1
) AS last ON true
LEFT JOIN LATERAL (
  SELECT sum(e.amount) AS sum,
    max(e.granted_after - e.used_after - e.reserved_after) FILTER (WHERE e.seq = ledger.broken) AS standing
  FROM ${table('ledger_entries')} e
  WHERE e.customer_key = page.customer_key AND e.balance_id = page.id AND e.seq <= ledger.broken
) AS broken ON ledger.broken IS NOT NULL
CROSS JOIN LATERAL (
  SELECT page.granted + coalesce(sum((r ->> 'granted')::numeric), 0) AS granted,
    page.used + coalesce(sum((r ->> 'used')::numeric), 0) AS used,
    coalesce(sum((r ->> 'reserved')::numeric), 0) AS reserved
  FROM jsonb_array_elements(page.rollovers) AS r
) AS total
CROSS JOIN LATERAL (${HELD}) AS held
ORDER BY page.customer_key, page.id`;

/** Skips from one balance's entries to the next one's through the index, without reading those in between. */
const LEDGERS = placed`WITH RECURSIVE walk AS (
  (SELECT customer_key, balance_id FROM ${table('ledger_entries')}
    WHERE (customer_key, balance_id) > ($1::uuid, $2::uuid) ORDER BY 1, 2 LIMIT 1)
  UNION ALL
  SELECT next.customer_key, next.balance_id FROM walk CROSS JOIN LATERAL (
    SELECT e.customer_key, e.balance_id FROM ${table('ledger_entries')} e
    WHERE (e.customer_key, e.balance_id) > (walk.customer_key, walk.balance_id)
    ORDER BY 1, 2 LIMIT 1) AS next
), page AS MATERIALIZED (SELECT * FROM walk LIMIT ${PAGE_BALANCES_MAX})
SELECT page.customer_key AS "customerKey", page.balance_id AS id, entry.project,
  coalesce(customers.id, page.customer_key::text) AS "customerId",
  balances.id IS NULL AND ($3::uuid IS NULL OR entry.project_id = $3::uuid) AS orphaned
FROM page LEFT JOIN ${table('customers')} USING (customer_key)
LEFT JOIN ${table('balances')} ON balances.customer_key = page.customer_key AND balances.id = page.balance_id
CROSS JOIN LATERAL (SELECT e.project_id, coalesce(p.name, e.project_id::text) AS project
  FROM ${table('ledger_entries')} e LEFT JOIN projects p ON p.id = e.project_id
  WHERE e.customer_key = page.customer_key AND e.balance_id = page.balance_id LIMIT 1) AS entry
ORDER BY page.customer_key, page.balance_id`;

const COUNT = placed`SELECT count(*)::float8 AS count FROM ${table('balances')}
  WHERE $1::uuid IS NULL OR project_id = $1::uuid`;

interface CountRow {
  readonly count: number;
}

interface Key {
  readonly customerKey: string;
  readonly id: string;
}

interface BalanceRow extends Key {
  readonly givenId: string | null;
  readonly project: string;
  readonly customerId: string;
  readonly ledgerSeq: string;
  readonly entries: string;
  readonly opened: boolean;
  readonly lastSeq: string;
  readonly sum: string;
  readonly standing: string;
  readonly granted: string;
  readonly lastGranted: string | null;
  readonly used: string;
  readonly lastUsed: string | null;
  readonly reserved: string;
  readonly lastReserved: string;
  readonly held: string;
  readonly broken: string | null;
  readonly brokenSum: string | null;
  readonly brokenStanding: string | null;
}

interface LedgerRow extends Key {
  readonly project: string;
  readonly customerId: string;
  readonly orphaned: boolean;
}

/** Of all places, one after the other. */
export function auditOf(places: readonly InPlace[]): Audit {
  return {
    count: async (projectId) => {
      let balances = 0;
      for (const inPlace of places) {
        const { count } = await inPlace(({ client, read }) =>
          read(() => client.row<CountRow>(COUNT, projectId)),
        );
        balances += count;
      }
      return balances;
    },
    async *pages(projectId) {
      for (const place of places) yield* pagesOf(place, projectId);
    },
  };
}

async function* pagesOf(place: InPlace, projectId: string | null): AsyncGenerator<AuditPage> {
  for await (const rows of keyset<BalanceRow>(place, BALANCES, projectId)) {
    const opened = rows.filter((row) => row.opened).length;
    yield { balances: rows.length, opened, damages: rows.flatMap(damageOfBalance) };
  }
  for await (const rows of keyset<LedgerRow>(place, LEDGERS, projectId)) {
    yield {
      balances: 0,
      opened: 0,
      damages: rows.filter(({ orphaned }) => orphaned).map(orphanedLedger),
    };
  }
}

async function* keyset<Row extends Key>(
  inPlace: InPlace,
  sql: Placed,
  projectId: string | null,
): AsyncGenerator<readonly Row[]> {
  let after: Key = { customerKey: FIRST_KEY, id: FIRST_KEY };
  for (;;) {
    const { customerKey, id } = after;
    const rows = await inPlace(({ client, read }) =>
      read(() => client.rows<Row>(sql, customerKey, id, projectId)),
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last;
  }
}

function damageOfBalance(row: BalanceRow): Damage[] {
  const compared: Difference[] = [
    { what: 'number of entries', inLedger: row.entries, inBalance: row.ledgerSeq },
    { what: 'last entry', inLedger: row.lastSeq, inBalance: row.ledgerSeq },
    { what: 'granted less used', inLedger: row.sum, inBalance: row.standing },
    { what: 'granted', inLedger: row.lastGranted ?? 'nothing', inBalance: row.granted },
    { what: 'used', inLedger: row.lastUsed ?? 'nothing', inBalance: row.used },
    { what: 'reserved', inLedger: row.lastReserved, inBalance: row.reserved },
    { what: 'held by reservations', inLedger: row.held, inBalance: row.reserved },
  ];
  const differences = compared.filter(({ inLedger, inBalance }) => inLedger !== inBalance);
  if (row.broken !== null) {
    differences.push({
      what: `granted less used after entry ${row.broken}`,
      inLedger: `${row.brokenSum} by the amounts`,
      inBalance: `${row.brokenStanding} by the entry`,
    });
  }
  const { project, customerId, id: balanceId, customerKey, givenId } = row;
  const madeOf = givenId === null ? balanceId : uuidV5(customerKey, givenId);
  if (madeOf !== balanceId) {
    differences.push({ what: 'id of the row', inLedger: balanceId, inBalance: madeOf });
  }
  return differences.length === 0 ? [] : [{ project, customerId, balanceId, differences }];
}

function orphanedLedger({ project, customerId, id: balanceId }: LedgerRow): Damage {
  const difference = { what: 'the balance', inLedger: 'entries', inBalance: 'missing' };
  return { project, customerId, balanceId, differences: [difference] };
}
