import type { Balance, ResetRule, RolloverMax } from '../domain/balance.js';
import type { Interval, IntervalUnit } from '../domain/interval.js';
import type { Quantity } from '../domain/quantity.js';
import type { ReadPath } from '../meter/read/read-path.js';
import { ms } from './account-rows.js';
import { textOf } from './codec.js';
import { dueFromJson } from './holds.js';
import { placed, table } from './placed.js';
import type { ReadClient } from './read-client.js';
import { rowsByKey } from './read-one.js';
import { isHeld, rolloversFromJson } from './rollovers.js';
import { CELL_END, TextCells } from './text-cells.js';

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
const due = (shiftMs: string) => placed`CASE WHEN ${isHeld('r.rollovers')} THEN (
    SELECT json_agg(json_build_array(${ms('h.expires_at')}, h.charges) ORDER BY h.expires_at, h.id)
    FROM ${table('reservations')} AS h WHERE h.customer_key = r.customer_key AND h.ended_at IS NULL
      AND h.expires_at <= clock_timestamp() + make_interval(secs => ${shiftMs} / 1000)) END`;

type BalanceReads = Pick<ReadPath, 'balancesById'>;

export function balanceReads(client: ReadClient, clockOffsetMs: () => number): BalanceReads {
  const nowOf = (text: string) => Number(text.slice(0, text.indexOf(CELL_END))) + clockOffsetMs();

  return {
    balancesById: rowsByKey(client, {
      table: table('balances'),
      columns: placed`${BALANCE_TEXT}, ${due('w.shift_ms')}`,
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
