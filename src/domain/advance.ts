import {
  type Balance,
  hasStarted,
  type LedgerEntry,
  type LedgerKind,
  type ResetRule,
  type Rollover,
  recordChange,
  reservedOf,
  rolloverFree,
  standing,
} from './balance.js';
import { type DueHold, givenBack } from './held.js';
import { boundaryAt, type Instant, nextBoundaryNumber, periodsWithin } from './interval.js';
import { maxQuantity, minQuantity, ZERO } from './quantity.js';
import { rollOver, sameParts } from './rollover.js';

/**
 * How many missed periods are replayed one by one, each with its ledger entries, or fewer where a
 * customer has many balances. Older ones are folded into one reset, which is exact because as many
 * are replayed as a rolled-over amount may be kept for.
 */
export const PERIODS_REPLAYED_MAX = 128;

/** For how many periods a rolled-over amount that expires can be kept. */
export const ROLLOVER_PERIODS_MAX = 100;

/** Missed periods replayed one by one, over all balances of a customer. Each is up to three entries. */
const PERIODS_REPLAYED_OF_ALL = 10_000;

/** How many periods each of this many balances replays. */
export function periodsReplayed(balances: number): number {
  const share = Math.floor(PERIODS_REPLAYED_OF_ALL / Math.max(1, balances));
  return Math.min(PERIODS_REPLAYED_MAX, share);
}

/** For how many periods a rolled-over amount is kept; 0 if it never expires, or nothing is carried over. */
export function periodsKept({
  interval,
  rollover,
}: Pick<ResetRule, 'interval' | 'rollover'>): number {
  const keep = rollover?.keep ?? null;
  return keep === null ? 0 : periodsWithin(keep, interval);
}

/** The period that ends, the one that begins, and room for clock changes in between. */
const PERIODS_BESIDE_KEPT = 4;

/**
 * Rolled-over amounts of one balance at once: of each period that one may be kept for, of the period
 * that is ending, and one that is kept indefinitely.
 */
export const ROLLOVERS_MAX = ROLLOVER_PERIODS_MAX + 2;

export interface Advanced {
  readonly balance: Balance;
  /** What came due, oldest first. Empty if nothing did. */
  readonly entries: readonly LedgerEntry[];
  /**
   * The last instant at or before `now` at which the balance changed by itself; null if none
   * matters.
   */
  readonly changedAt: Instant | null;
  /** The next instant after `now` at which the balance will change by itself; null for never. */
  readonly changesAt: Instant | null;
}

/**
 * The balance as of `now`, with the resets, rollovers and expiries that have come due
 * (R14), and the reservations that have expired (R27). Pure: reads show it, writes persist it. A clock that steps back
 * undoes nothing.
 */
export function advance(
  balance: Balance,
  now: Instant,
  replayedMax: number = PERIODS_REPLAYED_MAX,
  due: readonly DueHold[] = NONE_DUE,
): Advanced {
  if (!hasStarted(balance, now) && due.length === 0) {
    return { balance, entries: NO_ENTRIES, changedAt: null, changesAt: balance.startsAt };
  }
  const next = nextChange(balance);
  if ((next === null || next > now) && due.length === 0) {
    return { balance, entries: NO_ENTRIES, changedAt: balance.startsAt, changesAt: next };
  }
  return replay(balance, now, replayedMax, due);
}

const NONE_DUE: readonly DueHold[] = [];
const NO_ENTRIES: readonly LedgerEntry[] = [];

function replay(
  start: Balance,
  now: Instant,
  replayedMax: number,
  due: readonly DueHold[],
): Advanced {
  const holds = due.values();
  let hold = holds.next().value;
  const entries: LedgerEntry[] = [];
  let balance = start;
  // A reservation can expire before the balance begins, if the clock has stepped back.
  const begins = hasStarted(start, now) ? null : start.startsAt;
  let changedAt = begins === null ? start.startsAt : null;
  const apply: Apply = (after, kind, at) => {
    const change = recordChange(balance, after, kind, at);
    balance = change.balance;
    changedAt = Math.max(at, changedAt ?? at);
    entries.push(change.entry);
  };
  while (balance.expiredAt === null || hold !== undefined) {
    const period = nextPeriod(balance, now, replayedMax);
    const partEnd = nextRolloverExpiry(balance);
    const end = balance.expiredAt === null ? balance.expiresAt : null;
    const own = earliest(earliest(end, partEnd), period?.startsAt ?? null);
    const at = earliest(own, hold?.expiresAt ?? null);
    if (at === null || at > now) break;
    // At the same instant, what was held is given back, then the balance ends, then a part, then a new period begins.
    if (hold !== undefined && at === hold.expiresAt) {
      apply(givenBack(balance, hold.takes), 'RELEASE', at);
      const lapsed = lapse(balance, at);
      if (lapsed !== null) apply(lapsed, 'EXPIRE', at);
      hold = holds.next().value;
    } else if (at === end) apply(expire(balance, at), 'EXPIRE', at);
    else if (at === partEnd) apply(expireRollovers(balance, at), 'EXPIRE', at);
    else if (period !== null) startPeriod(balance, period, apply);
  }
  return { balance, entries, changedAt, changesAt: begins ?? nextChange(balance) };
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

/**
 * Used-up rolled-over amounts stay, because they count towards the period's usage, but nothing of them is left to
 * expire.
 */
function nextRolloverExpiry(balance: Balance): Instant | null {
  return balance.rollovers.reduce<Instant | null>(
    (next, part) => (rolloverFree(part) > ZERO ? earliest(next, part.expiresAt) : next),
    null,
  );
}

/** Ends a balance early: what was left is withdrawn. */
export function end(balance: Balance, at: Instant): { balance: Balance; entry: LedgerEntry } {
  return recordChange(balance, expire(balance, at), 'EXPIRE', at);
}

/**
 * What has been given back to something that has expired, withdrawn too; null if there is nothing (R28). The balance must stand
 * at `at`.
 */
export function lapse(balance: Balance, at: Instant): Balance | null {
  const lapsed =
    balance.expiredAt === null ? expireRollovers(balance, at) : expire(balance, balance.expiredAt);
  return standing(lapsed) === standing(balance) ? null : lapsed;
}

/** What was left is withdrawn; overage, what is held and what an unlimited balance has counted stay on record. */
function expire(balance: Balance, at: Instant): Balance {
  return {
    ...balance,
    granted: balance.unlimited
      ? ZERO
      : minQuantity(balance.granted, maxQuantity(balance.used, ZERO) + balance.reserved),
    used: balance.unlimited ? balance.used : maxQuantity(balance.used, ZERO),
    rollovers: spent(balance.rollovers, () => true),
    nextResetAt: null,
    expiredAt: at,
  };
}

function expireRollovers(balance: Balance, at: Instant): Balance {
  return {
    ...balance,
    rollovers: spent(balance.rollovers, ({ expiresAt }) => expiresAt !== null && expiresAt <= at),
  };
}

/** Withdraws what is left of the chosen rolled-over amounts. */
function spent(
  rollovers: readonly Rollover[],
  chosen: (rollover: Rollover) => boolean,
): Rollover[] {
  return rollovers
    .map((rollover) =>
      chosen(rollover) ? { ...rollover, granted: rollover.used + reservedOf(rollover) } : rollover,
    )
    .filter(({ granted }) => granted !== ZERO);
}

/** A period that is about to begin. */
interface Period {
  readonly rule: ResetRule;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  /** The number of the boundary at which it ends. */
  readonly endNumber: number;
  /** How many missed periods before it are skipped because they cannot matter. */
  readonly folded: number;
}

/** The next period or, if very many were missed, the first one that still matters. */
function nextPeriod(
  { reset: rule, nextResetAt, expiresAt }: Balance,
  now: Instant,
  replayedMax: number,
): Period | null {
  if (rule === null || nextResetAt === null) return null;
  const end = expiresAt === null ? now : Math.min(now, expiresAt - 1);
  const number = nextBoundaryNumber(rule, nextResetAt) - 1;
  const due = nextBoundaryNumber(rule, end) - number;
  // No fewer than an amount may be kept for, or it would get another end.
  const replayed = Math.max(1, replayedMax, needed(rule));
  const folded = Math.max(0, due - replayed);
  return {
    rule,
    startsAt: folded === 0 ? nextResetAt : boundaryAt(rule, number + folded),
    endsAt: boundaryAt(rule, number + folded + 1),
    endNumber: number + folded + 1,
    folded,
  };
}

function needed(rule: ResetRule): number {
  const kept = periodsKept(rule);
  return kept === 0 ? 0 : kept + PERIODS_BESIDE_KEPT;
}

/** Ends the period that is over, and the folded ones, and begins the next (R16). */
function startPeriod(balance: Balance, period: Period, apply: Apply) {
  const { rule, startsAt, endsAt, endNumber, folded } = period;
  const over = BigInt(folded + 1);
  const debt =
    rule.carryOverage && !balance.unlimited ? balance.used - over * balance.granted : ZERO;
  // Usage of rolled-over amounts is history once the period ends.
  const rollovers = balance.rollovers
    .map((part) =>
      part.used === ZERO ? part : { ...part, granted: part.granted - part.used, used: ZERO },
    )
    .filter(({ granted }) => granted > ZERO);
  const fresh: Balance = {
    ...balance,
    used: maxQuantity(ZERO, debt),
    rollovers,
    nextResetAt: balance.expiresAt !== null && endsAt >= balance.expiresAt ? null : endsAt,
  };
  apply(fresh, 'RESET', startsAt);
  if (rule.rollover === null) return;

  const paid = rule.carryOverage ? balance.used : minQuantity(balance.used, balance.granted);
  const unused = maxQuantity(ZERO, over * balance.granted - paid);
  const rolled = rollOver(fresh, rule, unused, endNumber);
  if (!sameParts(rolled.rollovers, rollovers)) apply(rolled, 'ROLLOVER', startsAt);
}
