import { advance, earliest, periodsReplayed } from './advance.js';
import {
  type Balance,
  isLive,
  type LedgerEntry,
  overage,
  remaining,
  totalGranted,
  totalReserved,
  totalUsed,
} from './balance.js';
import { compareText, inDrainOrder } from './drain-order.js';
import { dueHolds, endedHold, type Hold, heldByBalance, type KnownHolds } from './hold.js';
import type { Instant } from './interval.js';
import { type Quantity, ZERO } from './quantity.js';

/** A customer with everything that a decision about it needs. */
export interface Account {
  readonly customerKey: string;
  readonly customerId: string;
  /** The customer's version when this was read. */
  readonly version: number;
  /**
   * All that have not expired permanently, those of entities too; and expired ones that reservations still hold something of, or that a
   * decision depends on.
   */
  readonly balances: readonly Balance[];
  /** All reservations that have not ended, including those of entities. */
  readonly holds: readonly Hold[];
  /** What is known of those that have ended. */
  readonly ended: KnownHolds;
  /** Whether each requested entity exists, by id. */
  readonly entities: ReadonlyMap<string, boolean>;
}

/** Whether a requested entity exists. */
export function hasEntity(account: Account, entityId: string): boolean {
  return account.entities.get(entityId) === true;
}

/** The account after an entity has been created or deleted. */
export function withEntity(account: Account, entityId: string, exists: boolean): Account {
  return { ...account, entities: new Map(account.entities).set(entityId, exists) };
}

/** One feature's balances, summed as its holder sees them (R9). */
export interface FeatureBalance {
  readonly featureId: string;
  readonly granted: Quantity;
  readonly remaining: Quantity;
  readonly usage: Quantity;
  readonly overage: Quantity;
  readonly reserved: Quantity;
  readonly unlimited: boolean;
  readonly overageAllowed: boolean;
  readonly nextResetAt: Instant | null;
  /** In drain order (R8). */
  readonly breakdown: readonly Balance[];
}

export interface AdvancedAccount {
  readonly account: Account;
  readonly entries: readonly LedgerEntry[];
  /** The account stands like this from here... */
  readonly changedAt: Instant | null;
  /** ...until here; null if indefinitely. */
  readonly changesAt: Instant | null;
}

/** All balances of the account as of `now` (R14), and its reservations (R27). */
export function advanceAccount(account: Account, now: Instant): AdvancedAccount {
  const entries: LedgerEntry[] = [];
  let changedAt: Instant | null = null;
  let changesAt: Instant | null = null;
  const replayedMax = periodsReplayed(account.balances.length);
  const due = dueHolds(account.holds, now);
  const dueOf = due.length === 0 ? null : heldByBalance(due);
  const balances = account.balances.map((balance) => {
    const advanced = advance(balance, now, replayedMax, dueOf?.get(balance.id));
    if (advanced.entries.length > 0) entries.push(...advanced.entries);
    if (advanced.changedAt !== null) changedAt = Math.max(changedAt ?? 0, advanced.changedAt);
    changesAt = earliest(changesAt, advanced.changesAt);
    return advanced.balance;
  });
  const after = entries.length === 0 ? account : replaceBalances(account, balances);
  if (account.holds.length === 0) return { account: after, entries, changedAt, changesAt };
  for (const { expiresAt } of account.holds) {
    if (expiresAt > now) changesAt = earliest(changesAt, expiresAt);
    else changedAt = Math.max(changedAt ?? 0, expiresAt);
  }
  return { account: withoutDue(after, due), entries, changedAt, changesAt };
}

function withoutDue(account: Account, due: readonly Hold[]): Account {
  if (due.length === 0) return account;
  const ended = new Map(account.ended);
  for (const hold of due) ended.set(hold.id, endedHold(hold, 'EXPIRED', hold.expiresAt));
  return {
    ...account,
    holds: account.holds.filter(({ id }) => (ended.get(id) ?? null) === null),
    ended,
  };
}

/** The account with these balances in place of their former states. */
export function withBalances(account: Account, changed: readonly Balance[]): Account {
  const [only] = changed;
  if (only === undefined) return account;
  if (changed.length === 1) {
    // As most calls do, without a map.
    return replaceBalances(
      account,
      account.balances.map((balance) => (balance.id === only.id ? only : balance)),
    );
  }
  const byId = new Map(changed.map((balance) => [balance.id, balance]));
  return replaceBalances(
    account,
    account.balances.map((balance) => byId.get(balance.id) ?? balance),
  );
}

/** The account with other balances. */
export function replaceBalances(account: Account, balances: readonly Balance[]): Account {
  return {
    customerKey: account.customerKey,
    customerId: account.customerId,
    version: account.version,
    balances,
    holds: account.holds,
    ended: account.ended,
    entities: account.entities,
  };
}

/** What a holder sees of every feature for which it has a live balance, by feature id. */
export function featureBalances(
  balances: readonly Balance[],
  entityId: string | null,
  now: Instant,
): FeatureBalance[] {
  const byFeature = new Map<string, Balance[]>();
  for (const balance of balances) {
    if (!isSeen(balance, entityId, now)) continue;
    const others = byFeature.get(balance.featureId);
    if (others === undefined) byFeature.set(balance.featureId, [balance]);
    else others.push(balance);
  }
  const found: FeatureBalance[] = [];
  for (const [featureId, seen] of byFeature) found.push(sumOf(featureId, inDrainOrder(seen)));
  return found.sort((a, b) => compareText(a.featureId, b.featureId));
}

/** What a holder sees of a feature; null if there is no live balance to see. */
export function featureBalance(
  balances: readonly Balance[],
  featureId: string,
  entityId: string | null,
  now: Instant,
): FeatureBalance | null {
  const seen = balances.filter(
    (balance) => balance.featureId === featureId && isSeen(balance, entityId, now),
  );
  return seen.length === 0 ? null : sumOf(featureId, inDrainOrder(seen));
}

/** A customer sees its own balances and its entities', an entity its own and the customer's. */
function isSeen(balance: Balance, entityId: string | null, now: Instant): boolean {
  const isOwn = entityId === null || balance.entityId === null || balance.entityId === entityId;
  return isOwn && isLive(balance, now);
}

/** The sum of the balances of one feature. Stored results contain only the balances, and are summed again. */
export function sumOf(featureId: string, breakdown: readonly Balance[]): FeatureBalance {
  const unlimited = breakdown.some((balance) => balance.unlimited);
  let [granted, left, usage, over, reserved] = [ZERO, ZERO, ZERO, ZERO, ZERO];
  let overageAllowed = false;
  let nextResetAt: Instant | null = null;
  for (const balance of breakdown) {
    granted += totalGranted(balance);
    left += remaining(balance);
    usage += totalUsed(balance);
    over += overage(balance);
    reserved += totalReserved(balance);
    overageAllowed ||= balance.overageAllowed;
    nextResetAt = earliest(nextResetAt, balance.nextResetAt);
  }
  return {
    featureId,
    granted: unlimited ? ZERO : granted,
    remaining: unlimited ? ZERO : left,
    usage,
    overage: over,
    reserved,
    unlimited,
    overageAllowed,
    nextResetAt,
    breakdown,
  };
}
