import { type Account, withBalances } from './account.js';
import {
  type Balance,
  isBalanceStorable,
  type LedgerEntry,
  type Rollover,
  recordChange,
  totalUsed,
  withUsed,
} from './balance.js';
import type { Deduction } from './deduction.js';
import type { Instant } from './interval.js';
import { periodStart } from './period.js';
import { maxQuantity, minQuantity, type Quantity, ZERO } from './quantity.js';

/** Why a part of what a usage event took stays taken. */
export const NOT_REVERSED_REASONS = ['PERIOD_OVER', 'BALANCE_ENDED', 'ALREADY_GIVEN_BACK'] as const;

export type NotReversedReason = (typeof NOT_REVERSED_REASONS)[number];

/** What stays taken from one balance, in units of its feature. */
export interface NotReversed extends Deduction {
  readonly reason: NotReversedReason;
}

/** What was undone of a usage event, balance by balance, in the units of what it took. */
export interface Reversal {
  /** Negative where the event had given back, and it was taken again. */
  readonly reversed: readonly Deduction[];
  readonly notReversed: readonly NotReversed[];
}

export type ReversalDecision =
  | {
      readonly ok: true;
      readonly account: Account;
      readonly entries: readonly LedgerEntry[];
      readonly reversal: Reversal;
    }
  /** A balance that could not be stored afterwards. */
  | { readonly ok: false; readonly overfull: Balance };

/**
 * Undoes what was taken at `takenAt`, balance by balance (R34). The account must stand at `now`. A balance stands
 * afterwards as if the event had not been, but no higher than its grant.
 */
export function reverse(
  account: Account,
  taken: readonly Deduction[],
  takenAt: Instant,
  now: Instant,
): ReversalDecision {
  const balances = new Map(account.balances.map((balance) => [balance.id, balance]));
  const changed: Balance[] = [];
  const entries: LedgerEntry[] = [];
  const reversed: Deduction[] = [];
  const notReversed: NotReversed[] = [];
  for (const deduction of byBalance(taken)) {
    const undone = undo(balances.get(deduction.balanceId), deduction.amount, takenAt, now);
    notReversed.push(...undone.left.map((part) => ({ ...deduction, ...part })));
    if (undone.change === null) continue;
    const { before, after, amount } = undone.change;
    if (!isBalanceStorable(after)) return { ok: false, overfull: after };
    const { balance, entry } = recordChange(before, after, 'VOID', null);
    changed.push(balance);
    entries.push(entry);
    reversed.push({ ...deduction, amount });
  }
  const reversal = { reversed, notReversed };
  return { ok: true, account: withBalances(account, changed), entries, reversal };
}

/** Several features of one event may have been paid for by one balance. */
function byBalance(taken: readonly Deduction[]): Iterable<Deduction> {
  const sums = new Map<string, Deduction>();
  for (const deduction of taken) {
    const amount = deduction.amount + (sums.get(deduction.balanceId)?.amount ?? ZERO);
    sums.set(deduction.balanceId, { ...deduction, amount });
  }
  return sums.values();
}

interface Undone {
  readonly change: {
    readonly before: Balance;
    readonly after: Balance;
    readonly amount: Quantity;
  } | null;
  readonly left: readonly { readonly amount: Quantity; readonly reason: NotReversedReason }[];
}

function undo(
  balance: Balance | undefined,
  amount: Quantity,
  takenAt: Instant,
  now: Instant,
): Undone {
  if (balance === undefined || balance.expiredAt !== null) {
    return { change: null, left: [{ amount, reason: 'BALANCE_ENDED' }] };
  }
  const start = periodStart(balance);
  if (start !== null && takenAt < start) {
    return { change: null, left: [{ amount, reason: 'PERIOD_OVER' }] };
  }
  const { after, lost } = amount < ZERO ? takeAgain(balance, amount) : fill(balance, amount, now);
  const given = amount < ZERO ? amount : totalUsed(balance) - totalUsed(after);
  const periodOver = amount < ZERO ? ZERO : minQuantity(amount - given, lost);
  const rest = amount - given - periodOver;
  return {
    change: given === ZERO ? null : { before: balance, after, amount: given },
    left: [
      { amount: periodOver, reason: 'PERIOD_OVER' as const },
      { amount: rest, reason: 'ALREADY_GIVEN_BACK' as const },
    ].filter((part) => part.amount !== ZERO),
  };
}

interface Filled {
  readonly after: Balance;
  /** What was used of amounts that have expired since: nothing can be given back to them. */
  readonly lost: Quantity;
}

/** What was given back is taken again, all of it: it may have been used in between. */
function takeAgain(balance: Balance, amount: Quantity): Filled {
  return { after: withUsed(balance, balance.used - amount, balance.ledgerSeq), lost: ZERO };
}

/** What is taken last goes back first: the grant before amounts rolled over, and of these the one that lasts longest. */
function fill(balance: Balance, amount: Quantity, now: Instant): Filled {
  const ofMain = minQuantity(amount, maxQuantity(ZERO, balance.used));
  const main = withUsed(balance, balance.used - ofMain, balance.ledgerSeq);
  const rollovers = [...balance.rollovers];
  let left = amount - ofMain;
  let lost = ZERO;
  for (const index of lastDrainedFirst(rollovers)) {
    const part = rollovers[index];
    if (part === undefined || part.used === ZERO) continue;
    if (part.expiresAt !== null && part.expiresAt <= now) {
      lost += part.used;
      continue;
    }
    const given = minQuantity(left, part.used);
    left -= given;
    if (given > ZERO) rollovers[index] = { ...part, used: part.used - given };
  }
  return { after: left < amount - ofMain ? { ...main, rollovers } : main, lost };
}

function lastDrainedFirst(rollovers: readonly Rollover[]): number[] {
  const endOf = (index: number) => rollovers[index]?.expiresAt ?? Number.MAX_SAFE_INTEGER;
  return [...rollovers.keys()].sort((a, b) => endOf(b) - endOf(a) || b - a);
}
