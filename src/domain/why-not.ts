import type { Account } from './account.js';
import { advance, earliest } from './advance.js';
import type { Balance } from './balance.js';
import { type Catalog, type Feature, payersOf } from './feature.js';
import type { Instant } from './interval.js';
import { largestAllowed } from './largest-allowed.js';
import { chargedFeatures, type Plan, type Usage } from './plan.js';
import { type CoveredVerb, insufficientBalance, type Refusal, type WhyNot } from './refusal.js';
import type { Properties } from './where.js';

/** The refusal of a plan, with why; null if it is not refused. The account is the one that it was made on. */
export function explainedRefusal(
  account: Account,
  catalog: Catalog,
  usage: Usage,
  plan: Plan,
  now: Instant,
  verb: CoveredVerb = 'track',
): Refusal | null {
  const { refusal } = plan;
  if (refusal === null || !('missing' in refusal)) return refusal;
  return insufficientBalance(refusal.missing, verb, whyNot(account, catalog, usage, plan, now));
}

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
  return nextChangeOf(account, catalog, chargedFeatures(catalog, usage), usage, now);
}

/** The same for usage of several features that no event name lists. */
export function nextChangeOf(
  account: Account,
  catalog: Catalog,
  features: readonly Feature[],
  usage: Pick<Usage, 'entityId' | 'properties'>,
  now: Instant,
): Instant | null {
  const isPayer = payersAmong(catalog, features, usage.properties);
  const isReached = ({ entityId, featureId }: Balance) =>
    (entityId === null || entityId === usage.entityId) && isPayer(featureId);
  let next: Instant | null = null;
  for (const balance of account.balances) {
    if (isReached(balance)) next = earliest(next, advance(balance, now).changesAt);
  }
  if (account.holds.length === 0) return next;
  const reached = new Set<string>();
  for (const balance of account.balances) {
    // What has expired gets nothing back.
    if (balance.expiredAt === null && isReached(balance)) reached.add(balance.id);
  }
  for (const { expiresAt, charges } of account.holds) {
    const isHeldOf = charges.some(({ takes }) => takes.some((take) => reached.has(take.balanceId)));
    if (isHeldOf) next = earliest(next, expiresAt);
  }
  return next;
}

/** Whether a feature pays for one of these. */
function payersAmong(
  catalog: Catalog,
  features: readonly Feature[],
  properties: Properties | null,
): (featureId: string) => boolean {
  const [only, ...others] = features;
  if (only === undefined) return () => false;
  const payers = payersOf(catalog, only.id, properties);
  if (others.length === 0 && payers.length < INDEXED_FROM) {
    return (featureId) => payers.some(({ feature }) => feature.id === featureId);
  }
  const ids = payerIds(catalog, features, properties);
  return (featureId) => ids.has(featureId);
}

/** From how many payers on an index finds one sooner. */
const INDEXED_FROM = 16;

function payerIds(
  catalog: Catalog,
  features: readonly Feature[],
  properties: Properties | null,
): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { id } of features) {
    for (const payer of payersOf(catalog, id, properties)) ids.add(payer.feature.id);
  }
  return ids;
}
