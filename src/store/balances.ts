import type { Balance, ResetRule, RolloverMax } from '../domain/balance.js';
import type { Instant, Interval, IntervalUnit } from '../domain/interval.js';
import type { Quantity } from '../domain/quantity.js';
import type { Answer, BalancesAt, ReadPath } from '../meter/read/read-path.js';
import { oneStep } from '../platform/steps.js';
import { ms } from './account-rows.js';
import { textOf } from './codec.js';
import { dueFromJson } from './holds.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsByKey } from './read-one.js';
import { isHeld, rolloversFromJson } from './rollovers.js';
import { rowsInSteps } from './rows-in-steps.js';
import { CELL_END, TextCells } from './text-cells.js';

/** Balances per statement. Customers whose balances do not fit are requested again. */
export const ROWS_MAX = 5_000;

/** A column that may be null, of which no value is empty. */
const orEmpty = (column: string) => `coalesce((${column})::text, '')`;

/**
 * A balance as a single text: read column by column, a row takes Node twice as long, mostly to create and collect its cells.
 * It begins with the clock to which it is advanced, which is read once, together with the balances.
 */
export const BALANCE_TEXT = `concat_ws(E'\\t',
  (SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)),
  r.id, ${orEmpty('r.given_id')}, r.feature_id, ${orEmpty('r.entity_id')}, r.unlimited, r.granted, r.used, r.rollovers, r.priority,
  ${orEmpty('r.reset_interval')}, ${orEmpty('r.reset_interval_count')}, ${orEmpty(ms('r.reset_anchor'))},
  ${orEmpty('r.reset_time_zone')}, r.carry_overage, r.rollover_enabled,
  ${orEmpty('r.rollover_max')}, ${orEmpty('r.rollover_max_percent')},
  ${orEmpty('r.rollover_interval')}, ${orEmpty('r.rollover_interval_count')},
  ${orEmpty(ms('r.next_reset_at'))}, ${orEmpty(ms('r.starts_at'))},
  ${orEmpty(ms('r.expires_at'))}, ${orEmpty(ms('r.expired_at'))},
  r.overage_allowed, ${orEmpty('r.overage_limit')}, ${ms('r.created_at')}, r.ledger_seq)`;

/** The reservations of something of the balance that have expired, although it is not on record yet: [[when, charges]]. */
const due = (shiftMs: string) => `CASE WHEN ${isHeld('r.rollovers')} THEN (
    SELECT json_agg(json_build_array(${ms('h.expires_at')}, h.charges) ORDER BY h.expires_at, h.id)
    FROM public.reservations AS h WHERE h.customer_key = r.customer_key AND h.ended_at IS NULL
      AND h.expires_at <= clock_timestamp() + make_interval(secs => ${shiftMs} / 1000)) END`;

const LIVE = `SELECT w.n, ${BALANCE_TEXT}, ${due('$4::float8')}
  FROM unnest($2::uuid[]) WITH ORDINALITY AS w(customer_key, n)
  CROSS JOIN LATERAL (SELECT * FROM public.balances AS r
    WHERE r.customer_key = w.customer_key AND r.project_id = $1 AND r.expired_at IS NULL
    ORDER BY r.id) AS r
  ORDER BY w.n LIMIT $3::bigint`;

const ROWS_UNBOUNDED = Number.MAX_SAFE_INTEGER - 1;

/** At any time. */
const NONE_DUE: BalancesAt['due'] = new Map();
const NO_BALANCES: BalancesAt = { now: 0, balances: [], due: NONE_DUE };

type BalanceReads = Pick<ReadPath, 'balances' | 'balancesById'>;

export function balanceReads(client: ReadClient, clockOffsetMs: () => number): BalanceReads {
  const nowOf = (text: string) => Number(text.slice(0, text.indexOf(CELL_END))) + clockOffsetMs();

  async function readLive(projectId: string, keys: readonly string[], rowsMax: number) {
    const rows = await client.rows(LIVE, projectId, keys, rowsMax + 1, clockOffsetMs());
    const found: Row[][] = keys.map(() => []);
    for (const row of rows) found[Number(row[0]) - 1]?.push(row);
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
        if (n >= complete) return oneStep(() => null);
        const ofCustomer = found[n] ?? [];
        const [first] = ofCustomer;
        if (first === undefined) return oneStep(() => NO_BALANCES);
        return balancesAt(nowOf(textOf(first[1])), ofCustomer);
      });
    },
    balancesById: rowsByKey(client, {
      table: 'public.balances',
      columns: `${BALANCE_TEXT}, ${due('w.shift_ms')}`,
      key: { customer_key: 'uuid', id: 'uuid' },
      asked: { shift_ms: 'float8' },
      keyOf: ({ customerKey, balanceId }) => [customerKey, balanceId, clockOffsetMs()],
      where: 'true',
      from: ([cell, held = null]) => {
        const text = textOf(cell);
        const balance = balanceFromText(text);
        return { now: nowOf(text), balance, due: dueFromJson(balance.id, held) };
      },
    }),
  };
}

function* balancesAt(now: Instant, rows: readonly Row[]): Answer<BalancesAt> {
  const balances = yield* rowsInSteps(rows, ([, text]) => balanceFromText(textOf(text)));
  return { now, balances, due: dueIn(rows, balances) };
}

function dueIn(rows: readonly Row[], balances: readonly Balance[]): BalancesAt['due'] {
  if (rows.every(([, , held = null]) => held === null)) return NONE_DUE;
  return new Map(balances.map(({ id }, index) => [id, dueFromJson(id, rows[index]?.[2] ?? null)]));
}

/** Reads `BALANCE_TEXT`. The cells are read in the order in which they are written here. */
export function balanceFromText(text: string): Balance {
  const cells = new TextCells(text);
  cells.text();
  return {
    id: cells.text(),
    givenId: cells.textOrNull(),
    featureId: cells.text(),
    entityId: cells.textOrNull(),
    unlimited: cells.isTrue(),
    granted: cells.quantity(),
    used: cells.quantity(),
    ...rolloversOf(cells.text()),
    priority: Number(cells.text()),
    reset: resetFromCells(cells),
    nextResetAt: cells.integerOrNull(),
    // Only decisions depend on it.
    resetChange: null,
    startsAt: cells.integerOrNull(),
    expiresAt: cells.integerOrNull(),
    expiredAt: cells.integerOrNull(),
    overageAllowed: cells.isTrue(),
    overageLimit: cells.quantityOrNull(),
    createdAt: cells.integer(),
    ledgerSeq: cells.integer(),
  };
}

/** The value of `balances.rollovers`, which the write path writes. */
function rolloversOf(json: string): Pick<Balance, 'rollovers' | 'reserved'> {
  return rolloversFromJson(json === '[]' ? [] : JSON.parse(json));
}

function resetFromCells(cells: TextCells): ResetRule | null {
  const interval = intervalFrom(cells.text(), cells.integerOrNull());
  const anchor = cells.integerOrNull();
  const timeZone = cells.textOrNull();
  const carryOverage = cells.isTrue();
  const rollover = rolloverFromCells(cells);
  if (interval === null || anchor === null) return null;
  return { interval, anchor, timeZone, carryOverage, rollover };
}

function rolloverFromCells(cells: TextCells): ResetRule['rollover'] {
  const isEnabled = cells.isTrue();
  const max = rolloverMaxFrom(cells.quantityOrNull(), cells.quantityOrNull());
  const keep = intervalFrom(cells.text(), cells.integerOrNull());
  return isEnabled ? { max, keep } : null;
}

function rolloverMaxFrom(amount: Quantity | null, percent: Quantity | null): RolloverMax | null {
  if (amount !== null) return { kind: 'AMOUNT', amount };
  return percent === null ? null : { kind: 'PERCENT', percent };
}

/** The column's type has the same units. */
function intervalFrom(unit: string, count: number | null): Interval | null {
  return unit !== '' && count !== null ? { unit: unit as IntervalUnit, count } : null;
}
