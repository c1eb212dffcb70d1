import {
  type Account,
  type FeatureBalance,
  featureBalance,
  hasEntity,
  replaceBalances,
} from './account.js';
import { type Balance, type LedgerEntry, type LedgerKind, recordChange } from './balance.js';
import { balancesByFeature } from './charging.js';
import type { Deduction, Shortfall } from './deduction.js';
import type { Catalog } from './feature.js';
import type { Instant } from './interval.js';
import { type PlannedCharge, planUsage, type Usage } from './plan.js';
import { quantityToText } from './quantity.js';
import { type CoveredVerb, invalidInput, notFound, type Refusal } from './refusal.js';
import { explainedRefusal } from './why-not.js';

/** How far ahead of the database's clock a caller's clock may be (R3). */
export const CLOCK_SKEW_MAX_MS = 60_000;

/** A normalised call: the rules that need no database have been checked. */
export interface TrackRequest extends Usage {
  readonly customerId: string;
  readonly timestamp: Instant | null;
}

/** What a call did, and what is left. */
export interface Tracked {
  /** Per charged feature that the customer holds and per credit system that can pay for it. */
  readonly balances: readonly FeatureBalance[];
  readonly balance: FeatureBalance | null;
  readonly deductions: readonly Deduction[];
  readonly unapplied: readonly Shortfall[];
}

export type TrackDecision =
  | {
      readonly ok: true;
      readonly account: Account;
      readonly entries: readonly LedgerEntry[];
      readonly tracked: Tracked;
    }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * The refusals that precede idempotency: R3, then R4 in its order. Null if none
 * applies.
 */
export function refuseUnknown(
  account: Account | null,
  catalog: Catalog,
  request: Omit<TrackRequest, 'value' | 'properties' | 'overageBehavior' | 'timestamp'> &
    Partial<Pick<TrackRequest, 'timestamp'>>,
  now: Instant,
): Refusal | null {
  const { timestamp = null } = request;
  if (timestamp !== null && timestamp > now + CLOCK_SKEW_MAX_MS)
    return futureTimestamp(timestamp, now);
  if (account === null) return notFound('CUSTOMER_NOT_FOUND', request.customerId);
  if (request.entityId !== null && !hasEntity(account, request.entityId)) {
    return notFound('ENTITY_NOT_FOUND', request.entityId);
  }
  if (request.featureId !== null) {
    return catalog.features.has(request.featureId)
      ? null
      : notFound('FEATURE_NOT_FOUND', request.featureId);
  }
  const eventName = request.eventName ?? '';
  return catalog.byEventName.has(eventName) ? null : notFound('EVENT_NAME_NOT_FOUND', eventName);
}

function futureTimestamp(timestamp: Instant, now: Instant): Refusal {
  return invalidInput([
    {
      path: 'timestamp',
      value: JSON.stringify(new Date(timestamp).toISOString()),
      rule: 'future',
      message:
        `${new Date(timestamp).toISOString()} is more than 60 seconds after the database's clock, ` +
        `${new Date(now).toISOString()}. Send the time at which the usage occurred, or omit the timestamp.`,
    },
  ]);
}

/**
 * Charges every feature of the call, all or none (R5 to R13): the plan, made final. The account must stand at `now`.
 */
export function track(
  account: Account,
  catalog: Catalog,
  request: TrackRequest,
  now: Instant,
  verb: Extract<CoveredVerb, 'track' | 'amend'> = 'track',
): TrackDecision {
  const plan = planUsage(account, catalog, request, now);
  const refusal = explainedRefusal(account, catalog, request, plan, now, verb);
  if (refusal !== null) return { ok: false, refusal };
  const { recorded, entries } = recordUse(account, plan.after);
  const balances = views(recorded, plan, request, now);
  const balance = theOne(balances, request);
  const deductions = plan.charges.flatMap(({ charged }) => charged.deductions);
  const tracked = { balances, balance, deductions, unapplied: plan.unapplied };
  return { ok: true, account: recorded, entries, tracked };
}

/**
 * One entry for each balance that the call changed, however many of its features were charged
 * to it.
 */
export function recordUse(
  before: Account,
  after: Account,
  kind: LedgerKind = 'TRACK',
): { recorded: Account; entries: LedgerEntry[] } {
  if (before === after) return { recorded: after, entries: [] };
  const entries: LedgerEntry[] = [];
  const balances = after.balances.map((balance, index): Balance => {
    const old = before.balances[index];
    if (old === undefined || old === balance) return balance;
    const change = recordChange(old, balance, kind, null);
    entries.push(change.entry);
    return change.balance;
  });
  return { recorded: replaceBalances(after, balances), entries };
}

/** What is left of everything that could pay. */
export function views(
  account: Account,
  { charges }: { readonly charges: readonly Pick<PlannedCharge, 'payers'>[] },
  request: Pick<TrackRequest, 'entityId'>,
  now: Instant,
): FeatureBalance[] {
  const ids = new Set<string>();
  for (const { payers } of charges) {
    for (const payer of payers) ids.add(payer.feature.id);
  }
  const balances: FeatureBalance[] = [];
  const balancesOf = balancesByFeature(account.balances, ids.size);
  for (const id of ids) {
    const balance = featureBalance(balancesOf(id), id, request.entityId, now);
    if (balance !== null) balances.push(balance);
  }
  return balances;
}

/** The named feature's balance, otherwise the only one. */
export function theOne(
  balances: readonly FeatureBalance[],
  request: Pick<TrackRequest, 'featureId'>,
): FeatureBalance | null {
  const named = balances.find(({ featureId }) => featureId === request.featureId);
  const [only] = balances;
  return named ?? (balances.length === 1 ? (only ?? null) : null);
}

/**
 * The parts of a request that a retry must repeat, in the order in which a difference is named
 * (R17).
 */
export function trackFingerprint(
  request: TrackRequest,
  propertiesDigest: string | null,
): Record<string, string | null> {
  return {
    operation: 'trackBalance',
    featureId: request.featureId,
    eventName: request.eventName,
    value: quantityToText(request.value),
    properties: propertiesDigest,
    entityId: request.entityId,
    timestamp: request.timestamp === null ? null : new Date(request.timestamp).toISOString(),
    overageBehavior: request.overageBehavior,
  };
}
