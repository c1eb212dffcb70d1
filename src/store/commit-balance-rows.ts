/** The rows of balances that a commit writes: see commit-rows.ts. */
import type { Balance } from '../domain/balance.js';
import { quantityToText, ZERO } from '../domain/quantity.js';
import { rolloversToJson } from './rollovers.js';
import { type Column, insertInto, instant, rowTable, update } from './row-table.js';

const id: Column<Balance> = { name: 'id', type: 'uuid', cell: (balance) => balance.id };

/** The columns of a balance that usage changes. */
const USED: readonly Column<Balance>[] = [
  { name: 'used', type: 'numeric', cell: ({ used }) => quantityToText(used) },
  { name: 'ledger_seq', type: 'bigint', cell: ({ ledgerSeq }) => ledgerSeq },
];

/** Those that a reset, a rollover or the end of the balance changes as well. */
const RESHAPED: readonly Column<Balance>[] = [
  ...USED,
  { name: 'granted', type: 'numeric', cell: ({ granted }) => quantityToText(granted) },
  {
    name: 'rollovers',
    type: 'jsonb',
    cell: rolloversText,
  },
  instant('next_reset_at', ({ nextResetAt }) => nextResetAt),
  instant('expired_at', ({ expiredAt }) => expiredAt),
];

function rolloversText(balance: Balance): string {
  const { rollovers, reserved } = balance;
  if (rollovers.length === 0 && reserved === ZERO) return '[]';
  return JSON.stringify(rolloversToJson(balance));
}

/** Those that never change. */
const FIXED: readonly Column<Balance>[] = [
  { name: 'feature_id', type: 'text', cell: ({ featureId }) => featureId },
  { name: 'entity_id', type: 'text', cell: ({ entityId }) => entityId },
  { name: 'given_id', type: 'text', cell: ({ givenId }) => givenId },
  { name: 'unlimited', type: 'boolean', cell: ({ unlimited }) => unlimited },
  instant('starts_at', ({ startsAt }) => startsAt),
  instant('created_at', ({ createdAt }) => createdAt),
];

/** Those that only a correction changes. */
const TERMS: readonly Column<Balance>[] = [
  { name: 'priority', type: 'integer', cell: ({ priority }) => priority },
  {
    name: 'reset_interval',
    type: 'interval_unit',
    cell: ({ reset }) => reset?.interval.unit ?? null,
  },
  {
    name: 'reset_interval_count',
    type: 'integer',
    cell: ({ reset }) => reset?.interval.count ?? null,
  },
  instant('reset_anchor', ({ reset }) => reset?.anchor ?? null),
  { name: 'reset_time_zone', type: 'text', cell: ({ reset }) => reset?.timeZone ?? null },
  {
    name: 'rollover_enabled',
    type: 'boolean',
    cell: ({ reset }) => reset !== null && reset.rollover !== null,
  },
  { name: 'rollover_max', type: 'numeric', cell: (balance) => rolloverMax(balance, 'AMOUNT') },
  {
    name: 'rollover_max_percent',
    type: 'numeric',
    cell: (balance) => rolloverMax(balance, 'PERCENT'),
  },
  {
    name: 'rollover_interval',
    type: 'interval_unit',
    cell: ({ reset }) => reset?.rollover?.keep?.unit ?? null,
  },
  {
    name: 'rollover_interval_count',
    type: 'integer',
    cell: ({ reset }) => reset?.rollover?.keep?.count ?? null,
  },
  { name: 'carry_overage', type: 'boolean', cell: ({ reset }) => reset?.carryOverage ?? false },
  instant('reset_changed_at', ({ resetChange }) => resetChange?.at ?? null),
  instant('period_started_at', ({ resetChange }) => resetChange?.periodStart ?? null),
  instant('expires_at', ({ expiresAt }) => expiresAt),
  { name: 'overage_allowed', type: 'boolean', cell: ({ overageAllowed }) => overageAllowed },
  {
    name: 'overage_limit',
    type: 'numeric',
    cell: ({ overageLimit }) => (overageLimit === null ? null : quantityToText(overageLimit)),
  },
];

function rolloverMax({ reset }: Balance, kind: 'AMOUNT' | 'PERCENT'): string | null {
  const max = reset?.rollover?.max ?? null;
  if (max?.kind !== kind) return null;
  return quantityToText(max.kind === 'AMOUNT' ? max.amount : max.percent);
}

export const newBalances = rowTable<Balance>({
  columns: [id, ...FIXED, ...TERMS, ...RESHAPED],
  write: insertInto('balances'),
});

export const usedBalances = rowTable<Balance>({
  columns: [{ ...id, sql: null }, ...USED],
  write: update('balances'),
});

export const reshapedBalances = rowTable<Balance>({
  columns: [{ ...id, sql: null }, ...RESHAPED],
  write: update('balances'),
});

export const correctedBalances = rowTable<Balance>({
  columns: [{ ...id, sql: null }, ...TERMS, ...RESHAPED],
  write: update('balances'),
});
