import type { Account } from './account.js';
import { advance, earliest } from './advance.js';
import type { Catalog, Feature } from './feature.js';
import type { Instant } from './interval.js';
import { largestAllowed } from './largest-allowed.js';
import { chargedFeatures, type Plan, type Usage } from './plan.js';
import type { WhyNot } from './refusal.js';

/** Why a plan was refused. The account is the one that it was made on. */
export function whyNot(
  account: Account,
  catalog: Catalog,
  usage: Usage,
  plan: Plan,
  now: Instant,
): WhyNot {
  const isHeld = plan.charges.every(({ charged }) => charged.held);
  return {
    reason: isHeld ? 'INSUFFICIENT_BALANCE' : 'NOT_HELD',
    largestAllowed: largestAllowed(account, catalog, usage, plan, now),
    nextChangeAt: nextChangeAt(account, catalog, usage, now),
  };
}

/** When one of the balances that can pay starts, resets, expires, loses a part of itself or gets back what was reserved next. */
export function nextChangeAt(
  account: Account,
  catalog: Catalog,
  usage: Usage,
  now: Instant,
): Instant | null {
  const payers = payerIds(catalog, chargedFeatures(catalog, usage));
  const reached = new Set<string>();
  let next: Instant | null = null;
  for (const balance of account.balances) {
    const { entityId, featureId } = balance;
    if ((entityId !== null && entityId !== usage.entityId) || !payers.has(featureId)) continue;
    next = earliest(next, advance(balance, now).changesAt);
    // What has expired gets nothing back.
    if (balance.expiredAt === null) reached.add(balance.id);
  }
  for (const { expiresAt, charges } of account.holds) {
    const isReached = charges.some(({ takes }) =>
      takes.some((take) => reached.has(take.balanceId)),
    );
    if (isReached) next = earliest(next, expiresAt);
  }
  return next;
}

function payerIds(catalog: Catalog, features: readonly Feature[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { id } of features) {
    for (const payer of catalog.payers.get(id) ?? []) ids.add(payer.feature.id);
  }
  return ids;
}
