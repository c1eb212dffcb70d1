import type { Balance, ResetRule, Rollover, RolloverMax } from '../domain/balance.js';
import type { Instant, Interval, IntervalUnit } from '../domain/interval.js';
import { type Quantity, quantityFromText } from '../domain/quantity.js';
import type { Answer, BalancesAt, ReadPath } from '../meter/read/read-path.js';
import { oneStep } from '../platform/steps.js';
import { ms } from './account-rows.js';
import { numberOf, textOf } from './codec.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsByKey } from './read-one.js';
import { rolloversFromJson } from './rollovers.js';
import { rowsInSteps } from './rows-in-steps.js';

/** Balances per statement. Customers whose balances do not fit are requested again. */
export const ROWS_MAX = 5_000;

/** The clock to which they are advanced; it is read once, together with the balances. */
const COLUMNS = `(SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)),
  r.id, r.feature_id, r.entity_id, r.unlimited, r.granted, r.used, r.rollovers, r.priority,
  ${ms('r.next_reset_at')}, ${ms('r.starts_at')}, ${ms('r.expires_at')}, ${ms('r.expired_at')},
  r.overage_allowed, r.overage_limit, ${ms('r.created_at')}, r.ledger_seq,
  r.reset_interval, r.reset_interval_count, ${ms('r.reset_anchor')}, r.reset_time_zone, r.carry_overage,
  r.rollover_enabled, r.rollover_max, r.rollover_max_percent,
  r.rollover_interval, r.rollover_interval_count`;

const LIVE = `SELECT w.n, ${COLUMNS}
  FROM unnest($2::uuid[]) WITH ORDINALITY AS w(customer_key, n)
  CROSS JOIN LATERAL (SELECT * FROM public.balances AS r
    WHERE r.customer_key = w.customer_key AND r.project_id = $1 AND r.expired_at IS NULL
    ORDER BY r.id) AS r
  ORDER BY w.n LIMIT $3::bigint`;

const ROWS_UNBOUNDED = Number.MAX_SAFE_INTEGER - 1;

/** At any time. */
const NO_BALANCES: BalancesAt = { now: 0, balances: [] };

type BalanceReads = Pick<ReadPath, 'balances' | 'balancesById'>;

export function balanceReads(client: ReadClient, clockOffsetMs: () => number): BalanceReads {
  const nowOf = ([now]: Row) => numberOf(now) + clockOffsetMs();

  async function readLive(projectId: string, keys: readonly string[], rowsMax: number) {
    const rows = await client.rows(LIVE, projectId, keys, rowsMax + 1);
    const found: Row[][] = keys.map(() => []);
    for (const [n, ...row] of rows) found[Number(n) - 1]?.push(row);
    // The last one may have more than would fit.
    return { found, complete: rows.length <= rowsMax ? keys.length : Number(rows.at(-1)?.[0]) - 1 };
  }

  return {
    balances: async (projectId, keys) => {
      let { found, complete } = await readLive(projectId, keys, ROWS_MAX);
      if (complete === 0) {
        // All balances of a single customer, however many, or it could never be read.
        ({ found, complete } = await readLive(projectId, keys.slice(0, 1), ROWS_UNBOUNDED));
      }
      return keys.map((_key, n) => {
        const [first, ...others] = n < complete ? (found[n] ?? []) : [];
        if (n >= complete) return oneStep(() => null);
        if (first === undefined) return oneStep(() => NO_BALANCES);
        return balancesAt(nowOf(first), [first, ...others]);
      });
    },
    balancesById: rowsByKey(client, {
      table: 'public.balances',
      columns: COLUMNS,
      key: { customer_key: 'uuid', id: 'uuid' },
      keyOf: ({ customerKey, balanceId }) => [customerKey, balanceId],
      where: 'true',
      from: (row) => ({ now: nowOf(row), balance: balanceFromCells(row) }),
    }),
  };
}

function* balancesAt(now: Instant, rows: readonly Row[]): Answer<BalancesAt> {
  return { now, balances: yield* rowsInSteps(rows, balanceFromCells) };
}

/** A row of `COLUMNS`. */
function balanceFromCells(row: Row): Balance {
  const [, id, featureId, entityId = null, unlimited, granted, used, rollovers, priority] = row;
  const [nextResetAt, startsAt, expiresAt, expiredAt, ...rest] = row.slice(9);
  const [overageAllowed, overageLimit, createdAt, ledgerSeq, ...reset] = rest;
  return {
    id: textOf(id),
    featureId: textOf(featureId),
    entityId,
    unlimited: isTrue(unlimited),
    granted: quantityFromText(textOf(granted)),
    used: quantityFromText(textOf(used)),
    rollovers: rolloversOf(textOf(rollovers)),
    priority: numberOf(priority),
    reset: resetFromCells(reset),
    nextResetAt: numberOrNull(nextResetAt),
    startsAt: numberOrNull(startsAt),
    expiresAt: numberOrNull(expiresAt),
    expiredAt: numberOrNull(expiredAt),
    overageAllowed: isTrue(overageAllowed),
    overageLimit: quantityOrNull(overageLimit),
    createdAt: numberOf(createdAt),
    ledgerSeq: numberOf(ledgerSeq),
  };
}

/** The value of `balances.rollovers`, which the write path writes. */
function rolloversOf(json: string): readonly Rollover[] {
  return json === '[]' ? [] : rolloversFromJson(JSON.parse(json));
}

function resetFromCells(cells: Row): ResetRule | null {
  const [unit, count, anchor, timeZone = null, carryOverage, ...rollover] = cells;
  const [rolloverEnabled, max, maxPercent, ...keep] = rollover;
  const interval = intervalFromCells(unit, count);
  if (interval === null) return null;
  return {
    interval,
    anchor: numberOf(anchor),
    timeZone,
    carryOverage: isTrue(carryOverage),
    rollover: isTrue(rolloverEnabled)
      ? { max: rolloverMaxFromCells(max, maxPercent), keep: intervalFromCells(keep[0], keep[1]) }
      : null,
  };
}

type Cell = string | null | undefined;

function rolloverMaxFromCells(amount: Cell, percent: Cell): RolloverMax | null {
  if (amount) return { kind: 'AMOUNT', amount: quantityFromText(amount) };
  return percent ? { kind: 'PERCENT', percent: quantityFromText(percent) } : null;
}

/** The column's type has the same units. */
function intervalFromCells(unit: Cell, count: Cell): Interval | null {
  return unit && count ? { unit: unit as IntervalUnit, count: Number(count) } : null;
}

function quantityOrNull(cell: Cell): Quantity | null {
  return cell ? quantityFromText(cell) : null;
}

function numberOrNull(cell: Cell): number | null {
  return cell ? Number(cell) : null;
}

function isTrue(cell: Cell): boolean {
  return cell === 't';
}
