import {
  type Balance,
  hasStarted,
  type LedgerEntry,
  type LedgerKind,
  type ResetRule,
  type Rollover,
  recordChange,
  rolloverRemaining,
} from './balance.js';
import { addInterval, type Instant, nextBoundaryNumber } from './interval.js';
import { maxQuantity, minQuantity, percentOf, type Quantity, ZERO } from './quantity.js';

/**
 * How many missed periods are replayed one by one, each with its ledger entries. Older ones are folded into one reset,
 * which is exact because a rollover with an end may outlive at most `ROLLOVER_PERIODS_MAX` periods.
 */
export const PERIODS_REPLAYED_MAX = 128;

/** How many periods a rolled-over amount with an end may be kept. */
export const ROLLOVER_PERIODS_MAX = 100;

export interface Advanced {
  readonly balance: Balance;
  /** What came due, oldest first. Empty where nothing did. */
  readonly entries: readonly LedgerEntry[];
  /** The last instant at or before `now` at which the balance changed by itself; null where none matters. */
  readonly changedAt: Instant | null;
  /** The next instant after `now` at which the balance will change by itself; null for never. */
  readonly changesAt: Instant | null;
}

/**
 * The balance as it stands at `now`, with the resets, rollovers and expiries that have come due (R14). Pure: reads show
 * it, writes persist it. A clock that steps back undoes nothing.
 */
export function advance(balance: Balance, now: Instant): Advanced {
  if (!hasStarted(balance, now)) {
    return { balance, entries: [], changedAt: null, changesAt: balance.startsAt };
  }
  const next = nextChange(balance);
  if (next === null || next > now) {
    return { balance, entries: [], changedAt: balance.startsAt, changesAt: next };
  }
  return replay(balance, now);
}

function replay(start: Balance, now: Instant): Advanced {
  const entries: LedgerEntry[] = [];
  let balance = start;
  let changedAt = start.startsAt;
  const apply: Apply = (after, kind, at) => {
    const change = recordChange(balance, after, kind, at);
    balance = change.balance;
    entries.push(change.entry);
  };
  for (let at = nextChange(balance); at !== null && at <= now; at = nextChange(balance)) {
    changedAt = Math.max(at, changedAt ?? at);
    // At the same instant the end of the whole comes first, then the end of a part, then the new period.
    if (at === balance.expiresAt) apply(expire(balance, at), 'EXPIRE', at);
    else if (at === nextRolloverExpiry(balance)) apply(expireRollovers(balance, at), 'EXPIRE', at);
    else if (balance.reset !== null) changedAt = startPeriod(balance, balance.reset, at, now, apply);
  }
  return { balance, entries, changedAt, changesAt: nextChange(balance) };
}

type Apply = (after: Balance, kind: LedgerKind, at: Instant) => void;

function nextChange(balance: Balance): Instant | null {
  if (balance.expiredAt !== null) return null;
  const rolloverExpiry = nextRolloverExpiry(balance);
  return earliest(earliest(balance.nextResetAt, balance.expiresAt), rolloverExpiry);
}

/** The earlier of two instants, where null is never. */
export function earliest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}

/** Rolled-over amounts that are used up stay, for the period's usage, but nothing of them is left to expire. */
function nextRolloverExpiry(balance: Balance): Instant | null {
  return balance.rollovers.reduce<Instant | null>(
    (next, { granted, used, expiresAt }) => (granted > used ? earliest(next, expiresAt) : next),
    null,
  );
}

/** What was left is withdrawn; overage and what an unlimited balance has counted stay on record. */
function expire(balance: Balance, at: Instant): Balance {
  return {
    ...balance,
    granted: balance.unlimited ? ZERO : minQuantity(balance.granted, maxQuantity(balance.used, ZERO)),
    used: balance.unlimited ? balance.used : maxQuantity(balance.used, ZERO),
    rollovers: spent(balance.rollovers, () => true),
    nextResetAt: null,
    expiredAt: at,
  };
}

function expireRollovers(balance: Balance, at: Instant): Balance {
  return { ...balance, rollovers: spent(balance.rollovers, ({ expiresAt }) => expiresAt !== null && expiresAt <= at) };
}

/** Withdraws what is left of the chosen rolled-over amounts. */
function spent(rollovers: readonly Rollover[], chosen: (rollover: Rollover) => boolean): Rollover[] {
  return rollovers
    .map((rollover) => (chosen(rollover) ? { ...rollover, granted: rollover.used } : rollover))
    .filter(({ granted }) => granted !== ZERO);
}

/** Begins the period after the boundary `at`, or, many missed periods later, the first one that still matters (R16). */
function startPeriod(balance: Balance, rule: ResetRule, at: Instant, now: Instant, apply: Apply): Instant {
  const end = balance.expiresAt === null ? now : Math.min(now, balance.expiresAt - 1);
  const number = nextBoundaryNumber(rule.anchor, rule.interval, at) - 1;
  const due = nextBoundaryNumber(rule.anchor, rule.interval, end) - number;
  const folded = Math.max(0, due - PERIODS_REPLAYED_MAX);
  const boundary = folded === 0 ? at : addInterval(rule.anchor, rule.interval, number + folded);
  const periods = BigInt(folded + 1);

  const next = addInterval(rule.anchor, rule.interval, number + folded + 1);
  const used = rule.carryOverage
    ? maxQuantity(ZERO, balance.used - periods * balance.granted)
    : ZERO;
  // What is used of rolled-over amounts is history once the period ends.
  const rollovers = balance.rollovers
    .map(({ granted, used, expiresAt }) => ({ granted: granted - used, used: ZERO, expiresAt }))
    .filter(({ granted }) => granted > ZERO);
  const fresh: Balance = {
    ...balance,
    used,
    rollovers,
    nextResetAt: balance.expiresAt !== null && next >= balance.expiresAt ? null : next,
  };
  apply(fresh, 'RESET', boundary);
  if (rule.rollover === null) return boundary;

  const paid = rule.carryOverage ? balance.used : minQuantity(balance.used, balance.granted);
  const unused = maxQuantity(ZERO, periods * balance.granted - paid);
  const rolled = rollOver(fresh, rule, unused, next);
  if (rolloverRemaining(rolled) !== rolloverRemaining(fresh)) {
    apply(rolled, 'ROLLOVER', boundary);
  }
  return boundary;
}

/** Adds the unused remainder and trims the sum to the rule's maximum, oldest first. */
function rollOver(balance: Balance, rule: ResetRule, unused: Quantity, periodEnd: Instant): Balance {
  if (rule.rollover === null) return balance;
  const { keep, max } = rule.rollover;
  // The lifetime counts from the end of the period it is rolled into: see docs/adr/0006-rollover-lifetime.md.
  const expiresAt = keep === null ? null : addInterval(periodEnd, keep, 1);
  const last = balance.rollovers.at(-1);
  const rollovers =
    unused === ZERO
      ? balance.rollovers
      : last !== undefined && expiresAt === null && last.expiresAt === null
        ? [...balance.rollovers.slice(0, -1), { ...last, granted: last.granted + unused }]
        : [...balance.rollovers, { granted: unused, used: ZERO, expiresAt }];
  if (max === null) return { ...balance, rollovers };
  const allowed = max.kind === 'AMOUNT' ? max.amount : percentOf(balance.granted, max.percent);
  return { ...balance, rollovers: newestUpTo(rollovers, allowed) };
}

function newestUpTo(rollovers: readonly Rollover[], allowed: Quantity): Rollover[] {
  let left = allowed;
  const kept: Rollover[] = [];
  for (const rollover of rollovers.toReversed()) {
    const granted = minQuantity(rollover.granted, left);
    left -= granted;
    if (granted > ZERO) kept.unshift({ ...rollover, granted });
  }
  return kept;
}
