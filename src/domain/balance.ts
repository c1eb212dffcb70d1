import type { Instant, Interval, Schedule } from './interval.js';
import { isStorable, maxQuantity, type Quantity, ZERO } from './quantity.js';

/** An amount carried over from an earlier period, with a lifetime of its own. */
export interface Rollover {
  readonly granted: Quantity;
  readonly used: Quantity;
  /** Set aside by reservations (R24), if anything is. What has expired keeps this until they end (R28). */
  readonly reserved?: Quantity;
  /** Null for one that is kept until it is used or trimmed. */
  readonly expiresAt: Instant | null;
}

/** What happens to the unused remainder at a reset (R16). */
export interface RolloverRule {
  /** How much can be rolled over at once; null for any amount. */
  readonly max: RolloverMax | null;
  /** How long an amount outlives the period it was rolled into; null if indefinitely. */
  readonly keep: Interval | null;
}

export type RolloverMax =
  | { readonly kind: 'AMOUNT'; readonly amount: Quantity }
  /** A percentage of the grant, rounded down to whole units. */
  | { readonly kind: 'PERCENT'; readonly percent: Quantity };

/** When a balance starts a new period, and what happens to the previous one. */
export interface ResetRule extends Schedule {
  readonly rollover: RolloverRule | null;
  /** Whether overage is taken from the next period instead of being forgiven. */
  readonly carryOverage: boolean;
}

/** A correction that changed the boundaries of a balance's periods: the rule does not tell where that period began. */
export interface ResetChange {
  readonly at: Instant;
  /** The beginning of the period that was running; null for one without a beginning. */
  readonly periodStart: Instant | null;
}

/**
 * A grant of one feature to a customer, or to one of its entities, and what has been used of it.
 */
export interface Balance {
  readonly id: string;
  /** The id that the caller chose, of which `id` is then made; null for none. */
  readonly givenId: string | null;
  readonly featureId: string;
  readonly entityId: string | null;
  readonly unlimited: boolean;
  readonly granted: Quantity;
  readonly used: Quantity;
  /** Set aside by reservations, apart from what they hold of rolled-over amounts. */
  readonly reserved: Quantity;
  /** Oldest first. */
  readonly rollovers: readonly Rollover[];
  readonly priority: number;
  readonly reset: ResetRule | null;
  /**
   * The boundary that ends the current period; null if the balance does not reset, or not
   * before the expiry.
   */
  readonly nextResetAt: Instant | null;
  /** The last one; null for none. What is only shown has none either. */
  readonly resetChange: ResetChange | null;
  /** Null if it takes part from its creation on, whatever the clock does later. */
  readonly startsAt: Instant | null;
  readonly expiresAt: Instant | null;
  /** Set once the expiry is in the ledger. */
  readonly expiredAt: Instant | null;
  readonly overageAllowed: boolean;
  /** The maximum overage; null for any. */
  readonly overageLimit: Quantity | null;
  readonly createdAt: Instant;
  /** The number of the balance's last ledger entry. */
  readonly ledgerSeq: number;
}

export const LEDGER_KINDS = [
  'GRANT',
  'TRACK',
  'VOID',
  'RESET',
  'ROLLOVER',
  'EXPIRE',
  'ADJUST',
  'RESERVE',
  'CAPTURE',
  'RELEASE',
] as const;

export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** One change of one balance. The sum of a balance's amounts is `standing(balance)`, always. */
export interface LedgerEntry {
  readonly balanceId: string;
  readonly seq: number;
  readonly kind: LedgerKind;
  readonly amount: Quantity;
  readonly grantedAfter: Quantity;
  readonly usedAfter: Quantity;
  readonly reservedAfter: Quantity;
  /** When it took effect; null for the moment of the commit. */
  readonly effectiveAt: Instant | null;
}

/** Everything granted now, including rolled-over amounts. */
export function totalGranted(balance: Balance): Quantity {
  if (balance.rollovers.length === 0) return balance.granted;
  return balance.rollovers.reduce((sum, rollover) => sum + rollover.granted, balance.granted);
}

/** Everything used in this period, including from rolled-over amounts. */
export function totalUsed(balance: Balance): Quantity {
  if (balance.rollovers.length === 0) return balance.used;
  return balance.rollovers.reduce((sum, rollover) => sum + rollover.used, balance.used);
}

/** Everything set aside by reservations, including from rolled-over amounts. */
export function totalReserved(balance: Balance): Quantity {
  if (balance.rollovers.length === 0) return balance.reserved;
  return balance.rollovers.reduce((sum, part) => sum + reservedOf(part), balance.reserved);
}

/**
 * Granted less used and reserved: what the ledger sums to. Negative in overage and for what an unlimited balance
 * has counted.
 */
export function standing(balance: Balance): Quantity {
  return totalGranted(balance) - totalUsed(balance) - totalReserved(balance);
}

/** What is left of the main grant; negative if more is used and reserved (R24). */
export function mainFree({ granted, used, reserved }: Balance): Quantity {
  return granted - used - reserved;
}

/** What is left of a rolled-over amount. */
export function rolloverFree(part: Rollover): Quantity {
  return part.granted - part.used - reservedOf(part);
}

export function reservedOf({ reserved = ZERO }: Rollover): Quantity {
  return reserved;
}

export function mainRemaining(balance: Balance): Quantity {
  return balance.unlimited ? ZERO : maxQuantity(ZERO, mainFree(balance));
}

export function rolloverRemaining(balance: Balance): Quantity {
  return balance.rollovers.reduce((sum, rollover) => sum + rolloverFree(rollover), ZERO);
}

export function remaining(balance: Balance): Quantity {
  return mainRemaining(balance) + rolloverRemaining(balance);
}

export function overage(balance: Balance): Quantity {
  return balance.unlimited ? ZERO : maxQuantity(ZERO, balance.used - balance.granted);
}

/**
 * Whether the balance takes part at `now`: it has started and has not expired. An expiry that stands
 * in the ledger holds, wherever the clock steps.
 */
export function isLive(balance: Balance, now: Instant): boolean {
  return (
    hasStarted(balance, now) &&
    balance.expiredAt === null &&
    (balance.expiresAt === null || now < balance.expiresAt)
  );
}

export function hasStarted(balance: Balance, now: Instant): boolean {
  return balance.startsAt === null || balance.startsAt <= now;
}

/**
 * The balance with a different usage and last entry. Written out, because every usage event passes here
 * and a spread with a field replaced takes the engine many times as long.
 */
export function withUsed(balance: Balance, used: Quantity, ledgerSeq: number): Balance {
  return {
    id: balance.id,
    givenId: balance.givenId,
    featureId: balance.featureId,
    entityId: balance.entityId,
    unlimited: balance.unlimited,
    granted: balance.granted,
    used,
    reserved: balance.reserved,
    rollovers: balance.rollovers,
    priority: balance.priority,
    reset: balance.reset,
    nextResetAt: balance.nextResetAt,
    resetChange: balance.resetChange,
    startsAt: balance.startsAt,
    expiresAt: balance.expiresAt,
    expiredAt: balance.expiredAt,
    overageAllowed: balance.overageAllowed,
    overageLimit: balance.overageLimit,
    createdAt: balance.createdAt,
    ledgerSeq,
  };
}

/**
 * The balance after one more change, with its ledger entry. The amount is the difference that the
 * change makes to the balance's standing, so an entry cannot disagree with its balance.
 */
export function recordChange(
  before: Balance,
  after: Balance,
  kind: LedgerKind,
  effectiveAt: Instant | null,
): { balance: Balance; entry: LedgerEntry } {
  const balance = withUsed(after, after.used, before.ledgerSeq + 1);
  const [grantedAfter, usedAfter] = [totalGranted(after), totalUsed(after)];
  const reservedAfter = totalReserved(after);
  return {
    balance,
    entry: {
      balanceId: balance.id,
      seq: balance.ledgerSeq,
      kind,
      amount: grantedAfter - usedAfter - reservedAfter - standing(before),
      grantedAfter,
      usedAfter,
      reservedAfter,
      effectiveAt,
    },
  };
}

/**
 * Whether the balance and its next ledger entry can be stored: when it resets or
 * expires, its whole standing may become one amount.
 */
export function isBalanceStorable(balance: Balance): boolean {
  return (
    isStorable(balance.used) &&
    isStorable(totalUsed(balance)) &&
    isStorable(totalUsed(balance) + totalReserved(balance)) &&
    isStorable(totalGranted(balance)) &&
    isStorable(standing(balance))
  );
}
