import { type Account, hasEntity, replaceBalances, withBalances } from './account.js';
import { end } from './advance.js';
import { type Balance, type LedgerEntry, type ResetRule, recordChange } from './balance.js';
import type { Catalog, Feature } from './feature.js';
import { featureArchived } from './feature-use.js';
import {
  amountIssues,
  formIssues,
  isOverageUsual,
  keptIssues,
  timeIssues,
} from './grant-issues.js';
import { canonicalJson, withoutNulls } from './idempotency.js';
import { type Instant, nextBoundary } from './interval.js';
import { type Quantity, quantityToText, ZERO } from './quantity.js';
import { invalidInput, notFound, type Refusal } from './refusal.js';
import { BALANCES_PER_CUSTOMER_MAX, roomIn } from './room.js';
import { refuseTaken } from './taken-balance.js';

/** A requested grant; the fields are explained at `Balance`. */
export interface GrantRequest {
  readonly customerId: string;
  /** The caller's own id for the balance; null for none. */
  readonly balanceId: string | null;
  readonly featureId: string;
  readonly entityId: string | null;
  /** Null for an unlimited grant and for a boolean feature. */
  readonly granted: Quantity | null;
  readonly unlimited: boolean;
  readonly priority: number;
  readonly reset: ResetRequest | null;
  readonly startsAt: Instant | null;
  readonly expiresAt: Instant | null;
  /** Null for the default of the feature's type (R10). */
  readonly overageAllowed: boolean | null;
  readonly overageLimit: Quantity | null;
}

export interface ResetRequest extends Omit<ResetRule, 'anchor'> {
  /** Null for the start of the balance, which may be in the past. */
  readonly anchor: Instant | null;
}

/**
 * Refusals of what is invalid for any feature, then not-found in the order of R4, then what cannot be granted. `former` is the
 * balance that has the id which the caller has chosen, if there is one: it needs no room.
 */
export function refuseGrant(
  account: Account | null,
  catalog: Catalog,
  request: GrantRequest,
  now: Instant,
  former: Balance | null = null,
): Refusal | null {
  const { customerId, entityId, featureId } = request;
  const invalid = [...formIssues(request), ...timeIssues(request, now)];
  if (invalid.length > 0) return invalidInput(invalid);
  if (account === null) return notFound('CUSTOMER_NOT_FOUND', customerId);
  if (entityId !== null && !hasEntity(account, entityId)) {
    return notFound('ENTITY_NOT_FOUND', entityId);
  }
  const feature = catalog.features.get(featureId);
  if (feature === undefined) return notFound('FEATURE_NOT_FOUND', featureId);
  if (former !== null) {
    const asked = grant(feature, request, former.id, former.createdAt);
    return refuseTaken(former, asked.balance);
  }
  if (feature.isArchived) return featureArchived(featureId, 'balances');
  const issues = amountIssues(feature, request);
  if (!roomIn(account).isFree) {
    issues.push({
      path: 'customerId',
      value: JSON.stringify(customerId),
      rule: 'balances_max',
      message:
        `holds ${BALANCES_PER_CUSTOMER_MAX} balances that are not used up, the most that one ` +
        'customer can hold. Grant fewer and larger ones, or let some expire.',
    });
  }
  issues.push(...keptIssues(account, request));
  return issues.length === 0 ? null : invalidInput(issues);
}

/** The account with one more balance. */
export interface Granted {
  readonly account: Account;
  readonly balance: Balance;
  readonly entries: readonly LedgerEntry[];
}

/** Adds a balance to the account, which must be advanced to `now`. The request has passed `refuseGrant`. */
export function grantTo(
  account: Account,
  feature: Feature,
  request: GrantRequest,
  id: string,
  now: Instant,
): Granted {
  const { balance, entry } = grant(feature, request, id, now);
  const { ending } = roomIn(account);
  const ended = ending === null ? null : end(ending, now);
  const rest = ended === null ? account : withBalances(account, [ended.balance]);
  return {
    account: replaceBalances(rest, [...rest.balances, balance]),
    balance,
    entries: ended === null ? [entry] : [ended.entry, entry],
  };
}

/** The new balance with its GRANT entry. */
export function grant(
  feature: Feature,
  request: GrantRequest,
  id: string,
  now: Instant,
): { balance: Balance; entry: LedgerEntry } {
  const start = request.startsAt ?? now;
  const reset =
    request.reset === null ? null : { ...request.reset, anchor: request.reset.anchor ?? start };
  const from = Math.max(now, start);
  const next = reset === null ? null : nextBoundary(reset, from);
  const balance: Balance = {
    id,
    givenId: request.balanceId,
    featureId: feature.id,
    entityId: request.entityId,
    unlimited: request.unlimited,
    granted: request.granted ?? ZERO,
    used: ZERO,
    reserved: ZERO,
    rollovers: [],
    priority: request.priority,
    reset,
    nextResetAt:
      next !== null && request.expiresAt !== null && next >= request.expiresAt ? null : next,
    startsAt: request.startsAt,
    expiresAt: request.expiresAt,
    expiredAt: null,
    overageAllowed: !request.unlimited && (request.overageAllowed ?? isOverageUsual(feature)),
    overageLimit: request.overageLimit,
    createdAt: now,
    resetChange: null,
    ledgerSeq: 0,
  };
  return recordChange({ ...balance, granted: ZERO }, balance, 'GRANT', null);
}

/** The parts of a request that a retry must repeat (R17). */
export function grantFingerprint(request: GrantRequest): Record<string, string | null> {
  const { granted, reset, startsAt, expiresAt, overageAllowed, overageLimit } = request;
  const quantity = (amount: Quantity | null) => (amount === null ? null : quantityToText(amount));
  const text = (value: unknown) => (value === null ? null : String(value));
  return {
    operation: 'createBalance',
    balanceId: request.balanceId,
    featureId: request.featureId,
    entityId: request.entityId,
    granted: quantity(granted),
    unlimited: String(request.unlimited),
    priority: String(request.priority),
    reset: reset === null ? null : canonicalJson(withoutNulls(reset)),
    startsAt: text(startsAt),
    expiresAt: text(expiresAt),
    overageAllowed: text(overageAllowed),
    overageLimit: quantity(overageLimit),
  };
}
