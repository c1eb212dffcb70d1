import { type Account, hasEntity, replaceBalances, withBalances } from './account.js';
import { end, periodsKept, ROLLOVER_PERIODS_MAX } from './advance.js';
import { type Balance, type LedgerEntry, type ResetRule, recordChange } from './balance.js';
import type { Catalog, Feature } from './feature.js';
import { canonicalJson, withoutNulls } from './idempotency.js';
import { type Instant, nextBoundary } from './interval.js';
import { type Quantity, quantityToText, ZERO } from './quantity.js';
import { type InputIssue, invalidInput, notFound, quoted, type Refusal } from './refusal.js';
import { BALANCES_PER_CUSTOMER_MAX, roomIn } from './room.js';

/** A requested grant; the fields are explained at `Balance`. */
export interface GrantRequest {
  readonly customerId: string;
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

/** Refusals of what is invalid for any feature, then not-found in the order of R4, then what cannot be granted. */
export function refuseGrant(
  account: Account | null,
  catalog: Catalog,
  request: GrantRequest,
  now: Instant,
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

/** The periods for which all balances of a customer together may keep what they carry over. */
export const PERIODS_KEPT_MAX = 2_000;

/** What is kept is gone through period by period when the customer is next read or written. */
function keptIssues({ balances }: Account, { reset }: GrantRequest): InputIssue[] {
  const asked = reset === null ? 0 : periodsKept(reset);
  if (asked === 0) return [];
  const kept = balances.reduce(
    (sum, { reset: rule, expiredAt }) =>
      rule === null || expiredAt !== null ? sum : sum + periodsKept(rule),
    asked,
  );
  if (kept <= PERIODS_KEPT_MAX) return [];
  return [
    {
      path: 'rollover.interval',
      value: JSON.stringify(`${asked} periods`),
      rule: 'rollovers_max',
      message:
        `would make the balances of this customer keep amounts for ${kept} periods in total, and at most ` +
        `${PERIODS_KEPT_MAX} are allowed. Keep them for fewer periods, or omit the interval to keep them indefinitely.`,
    },
  ];
}

/** What is invalid whatever the feature is. */
function formIssues(request: GrantRequest): InputIssue[] {
  const { granted, unlimited, reset, overageAllowed, overageLimit } = request;
  const issues: InputIssue[] = [];
  if (unlimited && granted !== null) issues.push(neitherOrBoth(granted));
  if (
    unlimited &&
    (reset?.rollover || reset?.carryOverage || overageAllowed || overageLimit !== null)
  ) {
    issues.push({
      path: 'unlimited',
      value: 'true',
      rule: 'unlimited',
      message: 'An unlimited balance has no rollover and no overage.',
    });
  }
  if (overageLimit !== null && overageAllowed === false && !unlimited) {
    issues.push(limitWithoutOverage(overageLimit));
  }
  return issues;
}

function neitherOrBoth(granted: Quantity | null): InputIssue {
  return {
    path: 'granted',
    value: granted === null ? 'null' : quantityToText(granted),
    rule: 'exactly_one',
    message: 'Give either granted or unlimited: true.',
  };
}

function limitWithoutOverage(overageLimit: Quantity): InputIssue {
  return {
    path: 'overageLimit',
    value: quantityToText(overageLimit),
    rule: 'overage_allowed',
    message: 'Needs overageAllowed: true.',
  };
}

function amountIssues(feature: Feature, request: GrantRequest): InputIssue[] {
  const { granted, unlimited, reset, overageAllowed, overageLimit } = request;
  const issues: InputIssue[] = [];
  const issue = (path: string, value: string, rule: string, message: string) =>
    issues.push({ path, value, rule, message });
  const amount = granted === null ? 'null' : quantityToText(granted);

  if (feature.type === 'BOOLEAN') {
    const omit = `${quoted(feature.id)} is BOOLEAN: omit granted, unlimited, reset and overage.`;
    if (granted !== null || unlimited) issue('granted', amount, 'boolean', omit);
    if (reset !== null) issue('resetInterval', `"${reset.interval.unit}"`, 'boolean', omit);
    if (overageAllowed === true) issue('overageAllowed', 'true', 'boolean', omit);
  } else if (granted === null && !unlimited) {
    issues.push(neitherOrBoth(granted));
  }
  const allowed = overageAllowed ?? isOverageUsual(feature);
  if (overageLimit !== null && !allowed && !unlimited) {
    issues.push(limitWithoutOverage(overageLimit));
  }
  return issues;
}

/** R10: whether a balance of the feature allows overage unless its grant says otherwise. */
export function isOverageUsual({ type }: Feature): boolean {
  return type === 'CONTINUOUS';
}

function timeIssues({ startsAt, expiresAt, reset }: GrantRequest, now: Instant): InputIssue[] {
  const issues: InputIssue[] = [];
  if (expiresAt !== null && expiresAt <= Math.max(now, startsAt ?? now)) {
    issues.push({
      path: 'expiresAt',
      value: JSON.stringify(new Date(expiresAt).toISOString()),
      rule: 'after_start',
      message: 'must be in the future and after startsAt.',
    });
  }
  const keep = reset?.rollover?.keep ?? null;
  if (reset !== null && keep !== null && periodsKept(reset) > ROLLOVER_PERIODS_MAX) {
    issues.push({
      path: 'rollover.interval',
      value: JSON.stringify(`${keep.count} ${keep.unit}`),
      rule: 'rollover_periods',
      message: `must span at most ${ROLLOVER_PERIODS_MAX} periods of the reset; omit it to keep amounts indefinitely.`,
    });
  }
  return issues;
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
    featureId: feature.id,
    entityId: request.entityId,
    unlimited: request.unlimited,
    granted: request.granted ?? ZERO,
    used: ZERO,
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
