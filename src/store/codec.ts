import type { Balance, ResetRule, Rollover, RolloverMax } from '../domain/balance.js';
import type { Instant, IntervalUnit } from '../domain/interval.js';
import { quantityFromText, quantityToText } from '../domain/quantity.js';
import { Prisma } from '../generated/prisma/client.js';
import type { EventOutcome, JsonObject } from '../meter/store.js';

/** The database's clock in whole milliseconds, as a number. The store adds its offset outside. */
export const NOW_MS = Prisma.sql`floor(extract(epoch FROM clock_timestamp()) * 1000)::float8`;

/** The database's clock as a timestamp of whole milliseconds, shifted by the tests' offset. */
export function nowPlus(offsetMs: number): Prisma.Sql {
  return Prisma.sql`(date_trunc('milliseconds', clock_timestamp())
    + ${offsetMs}::float8 * interval '1 millisecond')`;
}

/** A balance as `BALANCE_COLUMNS` selects it: amounts as text, times as milliseconds. */
export interface BalanceRow {
  readonly customerKey: string;
  readonly id: string;
  readonly featureId: string;
  readonly entityId: string | null;
  readonly unlimited: boolean;
  readonly granted: string;
  readonly used: string;
  readonly rollovers: readonly RolloverJson[];
  readonly priority: number;
  readonly resetInterval: IntervalUnit | null;
  readonly resetIntervalCount: number | null;
  readonly resetAnchor: Instant | null;
  readonly nextResetAt: Instant | null;
  readonly rolloverEnabled: boolean;
  readonly rolloverMax: string | null;
  readonly rolloverMaxPercent: string | null;
  readonly rolloverInterval: IntervalUnit | null;
  readonly rolloverIntervalCount: number | null;
  readonly startsAt: Instant | null;
  readonly expiresAt: Instant | null;
  readonly expiredAt: Instant | null;
  readonly overageAllowed: boolean;
  readonly overageLimit: string | null;
  readonly carryOverage: boolean;
  readonly ledgerSeq: number;
  readonly createdAt: Instant;
}

export interface RolloverJson {
  readonly granted: string;
  readonly used: string;
  readonly expiresAt: Instant | null;
}

/**
 * The columns of `BalanceRow` for a table or alias `b`. Casting here keeps decimal.js and Date out
 * of the hot path: each value arrives in the form that the domain reads.
 */
export const BALANCE_COLUMNS = Prisma.raw(
  [
    'b.customer_key AS "customerKey"',
    'b.id',
    'b.feature_id AS "featureId"',
    'b.entity_id AS "entityId"',
    'b.unlimited',
    'b.granted::text AS granted',
    'b.used::text AS used',
    'b.rollovers',
    'b.priority',
    'b.reset_interval::text AS "resetInterval"',
    'b.reset_interval_count AS "resetIntervalCount"',
    milliseconds('reset_anchor', 'resetAnchor'),
    milliseconds('next_reset_at', 'nextResetAt'),
    'b.rollover_enabled AS "rolloverEnabled"',
    'b.rollover_max::text AS "rolloverMax"',
    'b.rollover_max_percent::text AS "rolloverMaxPercent"',
    'b.rollover_interval::text AS "rolloverInterval"',
    'b.rollover_interval_count AS "rolloverIntervalCount"',
    milliseconds('starts_at', 'startsAt'),
    milliseconds('expires_at', 'expiresAt'),
    milliseconds('expired_at', 'expiredAt'),
    'b.overage_allowed AS "overageAllowed"',
    'b.overage_limit::text AS "overageLimit"',
    'b.carry_overage AS "carryOverage"',
    'b.ledger_seq::float8 AS "ledgerSeq"',
    milliseconds('created_at', 'createdAt'),
  ].join(', '),
);

/** Exact: a double holds every millisecond of the next 285,000 years. */
function milliseconds(column: string, name: string): string {
  return `(extract(epoch FROM b.${column}) * 1000)::float8 AS "${name}"`;
}

export function balanceFromRow(row: BalanceRow): Balance {
  return {
    id: row.id,
    featureId: row.featureId,
    entityId: row.entityId,
    unlimited: row.unlimited,
    granted: quantityFromText(row.granted),
    used: quantityFromText(row.used),
    rollovers: rolloversFromJson(row.rollovers),
    priority: row.priority,
    reset: resetFromRow(row),
    nextResetAt: row.nextResetAt,
    startsAt: row.startsAt,
    expiresAt: row.expiresAt,
    expiredAt: row.expiredAt,
    overageAllowed: row.overageAllowed,
    overageLimit: row.overageLimit === null ? null : quantityFromText(row.overageLimit),
    createdAt: row.createdAt,
    ledgerSeq: row.ledgerSeq,
  };
}

/** The other way: every column of a balance but its scope, for an insert or an update. */
export function balanceToRow(balance: Balance): Omit<BalanceRow, 'customerKey'> {
  const { reset } = balance;
  const rollover = reset?.rollover ?? null;
  const max = rollover?.max ?? null;
  return {
    id: balance.id,
    featureId: balance.featureId,
    entityId: balance.entityId,
    unlimited: balance.unlimited,
    granted: quantityToText(balance.granted),
    used: quantityToText(balance.used),
    rollovers: rolloversToJson(balance.rollovers),
    priority: balance.priority,
    resetInterval: reset?.interval.unit ?? null,
    resetIntervalCount: reset?.interval.count ?? null,
    resetAnchor: reset?.anchor ?? null,
    nextResetAt: balance.nextResetAt,
    rolloverEnabled: rollover !== null,
    rolloverMax: max?.kind === 'AMOUNT' ? quantityToText(max.amount) : null,
    rolloverMaxPercent: max?.kind === 'PERCENT' ? quantityToText(max.percent) : null,
    rolloverInterval: rollover?.keep?.unit ?? null,
    rolloverIntervalCount: rollover?.keep?.count ?? null,
    startsAt: balance.startsAt,
    expiresAt: balance.expiresAt,
    expiredAt: balance.expiredAt,
    overageAllowed: balance.overageAllowed,
    overageLimit: balance.overageLimit === null ? null : quantityToText(balance.overageLimit),
    carryOverage: reset?.carryOverage ?? false,
    ledgerSeq: balance.ledgerSeq,
    createdAt: balance.createdAt,
  };
}

export function rolloversToJson(rollovers: readonly Rollover[]): RolloverJson[] {
  return rollovers.map(({ granted, used, expiresAt }) => ({
    granted: quantityToText(granted),
    used: quantityToText(used),
    expiresAt,
  }));
}

export function rolloversFromJson(rollovers: readonly RolloverJson[]): Rollover[] {
  return rollovers.map(({ granted, used, expiresAt }) => ({
    granted: quantityFromText(granted),
    used: quantityFromText(used),
    expiresAt,
  }));
}

/** A CHECK makes interval, count and anchor null together. */
function resetFromRow(row: BalanceRow): ResetRule | null {
  const { resetInterval, resetIntervalCount, resetAnchor } = row;
  if (resetInterval === null || resetIntervalCount === null || resetAnchor === null) return null;
  return {
    interval: { unit: resetInterval, count: resetIntervalCount },
    anchor: resetAnchor,
    rollover: row.rolloverEnabled ? { max: rolloverMax(row), keep: rolloverKeep(row) } : null,
    carryOverage: row.carryOverage,
  };
}

function rolloverMax(row: BalanceRow): RolloverMax | null {
  if (row.rolloverMax !== null) {
    return { kind: 'AMOUNT', amount: quantityFromText(row.rolloverMax) };
  }
  if (row.rolloverMaxPercent !== null) {
    return { kind: 'PERCENT', percent: quantityFromText(row.rolloverMaxPercent) };
  }
  return null;
}

function rolloverKeep({ rolloverInterval, rolloverIntervalCount }: BalanceRow) {
  if (rolloverInterval === null || rolloverIntervalCount === null) return null;
  return { unit: rolloverInterval, count: rolloverIntervalCount };
}

/** Prisma's decimal.js value, exactly: `toFixed` never writes an exponent. */
export function quantityFromDecimal(decimal: Prisma.Decimal): bigint {
  return quantityFromText(decimal.toFixed());
}

export function instantFromDate(date: Date): Instant {
  return date.getTime();
}

export function instantOrNull(date: Date | null): Instant | null {
  return date === null ? null : date.getTime();
}

export function dateFromInstant(instant: Instant): Date {
  return new Date(instant);
}

/** A column whose CHECK says `jsonb_typeof(...) = 'object'`. */
export function objectFromJson(json: Prisma.JsonValue): JsonObject {
  return json as JsonObject;
}

/** What clients sent as JSON and `JSON.stringify` can write: no undefined, function or symbol. */
export function jsonFromObject(object: JsonObject): Prisma.InputJsonObject {
  return object as Prisma.InputJsonObject;
}

/** The outcome column of an event, which only the write path writes. */
interface OutcomeJson {
  readonly deductions: readonly { balanceId: string; featureId: string; amount: string }[];
  readonly unapplied: readonly { featureId: string; chargedFeatureId: string; amount: string }[];
}

export function outcomeFromColumn(json: Prisma.JsonValue): EventOutcome {
  const { deductions, unapplied } = writtenByUs(json);
  return {
    deductions: deductions.map((part) => ({ ...part, amount: quantityFromText(part.amount) })),
    unapplied: unapplied.map((part) => ({ ...part, amount: quantityFromText(part.amount) })),
  };
}

/** Its form is the write path's; nothing else writes the column, and events are immutable. */
function writtenByUs(json: Prisma.JsonValue): OutcomeJson {
  return json as unknown as OutcomeJson;
}
