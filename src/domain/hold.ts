/** A reservation: what it holds, and how it ends (R23 to R29). */
import type { Account } from './account.js';
import type { DueHold, Take } from './held.js';
import type { Instant } from './interval.js';
import { type Quantity, ZERO } from './quantity.js';

export const HOLD_ENDS = ['CAPTURED', 'RELEASED', 'EXPIRED'] as const;

/** How a reservation ended. */
export type HoldEnd = (typeof HOLD_ENDS)[number];

/** Reservations of a customer, its entities' included, that have not ended (R29). */
export const HOLDS_MAX = 1_000;

/** Amounts that all of these together may hold: usage that charges many features takes one from each. */
export const TAKES_MAX = 10_000;

/** How long a reservation lasts unless its caller says, and at least and at most (R23). */
export const HOLD_MS_USUAL = 15 * 60_000;
export const HOLD_MS_MIN = 1_000;
export const HOLD_MS_MAX = 30 * 86_400_000;

/** What is held for one charged feature. */
export interface HeldCharge {
  readonly featureId: string;
  /** In units of the charged feature. */
  readonly held: Quantity;
  /** In the order in which it was taken. */
  readonly takes: readonly Take[];
}

export interface Hold {
  /** The caller's own, unique in the customer forever. */
  readonly id: string;
  readonly entityId: string | null;
  /** R1: exactly one of these two is set. */
  readonly featureId: string | null;
  readonly eventName: string | null;
  /** What was requested. */
  readonly value: Quantity;
  /** What is still held; of an event name that charges several features, the most that is held for one of them. */
  readonly held: Quantity;
  /** What has been captured. */
  readonly used: Quantity;
  /** For each metered feature that is charged. */
  readonly charges: readonly HeldCharge[];
  /** JSON text of an object, or null; undefined for long ones that have not been read. */
  readonly properties: string | null | undefined;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly ended: { readonly how: HoldEnd; readonly at: Instant } | null;
}

/** For accounts without reservations. */
export const NO_HOLDS: readonly Hold[] = [];

/** Reservations that have ended, as far as they were requested, by id; null for those that do not exist. */
export type KnownHolds = ReadonlyMap<string, Hold | null>;

export const NO_KNOWN_HOLDS: KnownHolds = new Map();

/** The reservation once it has ended. It holds nothing any longer. */
export function endedHold(hold: Hold, how: HoldEnd, at: Instant, used = hold.used): Hold {
  return { ...hold, used, held: ZERO, charges: [], ended: { how, at } };
}

/** How many amounts they hold. */
export function takesIn(holds: readonly Hold[]): number {
  return holds.reduce(
    (sum, { charges }) => charges.reduce((ofOne, { takes }) => ofOne + takes.length, sum),
    0,
  );
}

/** Those that have expired, in the order in which they did: at one instant, by id. */
export function dueHolds(holds: readonly Hold[], now: Instant): readonly Hold[] {
  // Nearly always none.
  if (!holds.some(({ expiresAt }) => expiresAt <= now)) return NO_HOLDS;
  return holds
    .filter(({ expiresAt }) => expiresAt <= now)
    .sort((a, b) => a.expiresAt - b.expiresAt || (a.id < b.id ? -1 : 1));
}

/** What each of them holds of each balance, by the balance's id. */
export function heldByBalance(
  holds: readonly Pick<Hold, 'expiresAt' | 'charges'>[],
): ReadonlyMap<string, DueHold[]> {
  const found = new Map<string, DueHold[]>();
  for (const { expiresAt, charges } of holds) {
    for (const [balanceId, takes] of takesByBalance(charges.flatMap((charge) => charge.takes))) {
      const others = found.get(balanceId);
      if (others === undefined) found.set(balanceId, [{ expiresAt, takes }]);
      else others.push({ expiresAt, takes });
    }
  }
  return found;
}

export function takesByBalance(takes: readonly Take[]): ReadonlyMap<string, readonly Take[]> {
  const found = new Map<string, Take[]>();
  for (const take of takes) {
    const others = found.get(take.balanceId);
    if (others === undefined) found.set(take.balanceId, [take]);
    else others.push(take);
  }
  return found;
}

/** The account with a reservation in its new state: among the live ones, or the ended ones. */
export function withHold(account: Account, hold: Hold): Account {
  const others = account.holds.filter(({ id }) => id !== hold.id);
  if (hold.ended === null) return { ...account, holds: [...others, hold] };
  return { ...account, holds: others, ended: new Map(account.ended).set(hold.id, hold) };
}
