/** Corrections of a balance: what is granted, used and agreed, from now on (R32). */
import { type Account, withBalances } from './account.js';
import { periodsKept, ROLLOVER_PERIODS_MAX } from './advance.js';
import {
  type Balance,
  isBalanceStorable,
  type LedgerEntry,
  type ResetRule,
  type RolloverRule,
  recordChange,
  totalReserved,
} from './balance.js';
import { mostRemaining, withFigure } from './corrected-usage.js';
import type { Catalog, Feature } from './feature.js';
import type { GrantRequest } from './grant.js';
import { amountIssues, formIssues, keptIssues, timeIssues } from './grant-issues.js';
import { canonicalJson, withoutNulls } from './idempotency.js';
import { type Instant, type IntervalUnit, nextBoundary } from './interval.js';
import { periodStart } from './period.js';
import { QUANTITY_MAX, type Quantity, quantityToNumber, quantityToText, ZERO } from './quantity.js';
import { type InputIssue, invalidInput, type Refusal } from './refusal.js';
import { shownValue } from './shown-value.js';
import { type TimeZone, timeZoneName } from './time-zone.js';

/** What is undefined stays as it is. */
export interface BalanceChanges {
  readonly granted: Quantity | undefined;
  /** At most one of these two is given: what is used is set so that the figure holds. */
  readonly usage: Quantity | undefined;
  readonly remaining: Quantity | undefined;
  readonly priority: number | undefined;
  readonly expiresAt: Instant | null | undefined;
  readonly overageAllowed: boolean | undefined;
  readonly overageLimit: Quantity | null | undefined;
  /** Null for a balance that does not reset. */
  readonly resetInterval: IntervalUnit | null | undefined;
  readonly resetIntervalCount: number | undefined;
  readonly resetAnchor: Instant | undefined;
  readonly resetTimeZone: TimeZone | undefined;
  readonly rollover: RolloverRule | null | undefined;
  readonly carryOverage: boolean | undefined;
}

/** What cannot be changed that way; null if it can. The account, of which the balance is one, stands at `now`. */
export function refuseCorrection(
  account: Account,
  catalog: Catalog,
  balance: Balance,
  changes: BalanceChanges,
  now: Instant,
): Refusal | null {
  const feature = catalog.features.get(balance.featureId);
  if (feature === undefined) return null;
  const after = corrected(balance, changes, now);
  const issues = correctionIssues(account, feature, balance, after, changes, now);
  return issues.length === 0 ? null : invalidInput(issues);
}

function correctionIssues(
  account: Account,
  feature: Feature,
  before: Balance,
  after: Balance,
  changes: BalanceChanges,
  now: Instant,
): InputIssue[] {
  const request = asGrant(after, feature, changes);
  const form = [...usageIssues(feature, after, changes, now), ...resetIssues(after, changes)];
  const ofForm = after.unlimited ? unlimitedIssues(changes) : formIssues(request);
  form.push(...ofForm, ...timeIssues(request, now));
  if (form.length > 0) return form;
  const others = account.balances.filter(({ id }) => id !== before.id);
  const issues = [
    ...amountIssues(feature, request),
    ...keptIssues({ ...account, balances: others }, request),
    ...rolloverIssues(before, after),
  ];
  if (issues.length === 0 && !isBalanceStorable(after)) issues.push(tooMuch(changes));
  return issues;
}

/** The balance as if it were to be granted as it will be: what cannot be granted cannot come about by a correction. */
function asGrant(after: Balance, { id, type }: Feature, { granted }: BalanceChanges): GrantRequest {
  const countsNothing = after.unlimited || type === 'BOOLEAN';
  return {
    customerId: '',
    balanceId: null,
    featureId: id,
    entityId: after.entityId,
    granted: countsNothing ? (granted ?? null) : after.granted,
    unlimited: after.unlimited,
    priority: after.priority,
    reset: after.reset,
    startsAt: after.startsAt,
    expiresAt: after.expiresAt,
    overageAllowed: after.overageAllowed,
    overageLimit: after.overageLimit,
  };
}

function usageIssues(
  feature: Feature,
  after: Balance,
  changes: BalanceChanges,
  now: Instant,
): InputIssue[] {
  const { usage, remaining } = changes;
  const path = usage === undefined ? 'remaining' : 'usage';
  const figure = usage ?? remaining;
  if (figure === undefined) return [];
  const issue = (rule: string, message: string) => [
    { path, value: quantityToText(figure), rule, message },
  ];
  if (feature.type === 'BOOLEAN') return issue('boolean', 'A BOOLEAN feature counts no usage.');
  if (remaining === undefined) return [];
  if (after.unlimited)
    return issue('unlimited', 'An unlimited balance has no remainder: set usage.');
  const most = mostRemaining(after, now);
  if (remaining <= most) return [];
  const reserved = totalReserved(after) === ZERO ? '' : ' and not reserved';
  return issue(
    'maximum',
    `must be at most what is granted${reserved}, ${quantityToText(most)}. For more, raise granted or create another balance.`,
  );
}

/** What an unlimited balance cannot get, by the field that asks for it. */
function unlimitedIssues(changes: BalanceChanges): InputIssue[] {
  const { granted, overageAllowed, overageLimit, rollover, carryOverage } = changes;
  const given = {
    granted: granted === undefined ? undefined : quantityToNumber(granted),
    overageAllowed: overageAllowed || undefined,
    overageLimit: typeof overageLimit === 'bigint' ? quantityToNumber(overageLimit) : undefined,
    rollover: rollover ? asGiven(rollover) : undefined,
    carryOverage: carryOverage || undefined,
  };
  const message =
    'An unlimited balance has no grant, no rollover and no overage. Create another balance for an amount.';
  return Object.entries(given).flatMap(([path, value]) =>
    value === undefined ? [] : [{ path, value: shownValue(value), rule: 'unlimited', message }],
  );
}

/** What belongs to a reset needs one. */
function resetIssues({ reset }: Balance, changes: BalanceChanges): InputIssue[] {
  if (reset !== null) return [];
  const { resetIntervalCount, resetAnchor, resetTimeZone, rollover, carryOverage } = changes;
  const given = {
    resetIntervalCount,
    resetAnchor: resetAnchor === undefined ? undefined : new Date(resetAnchor).toISOString(),
    resetTimeZone: resetTimeZone === undefined ? undefined : timeZoneName(resetTimeZone),
    rollover: rollover ? asGiven(rollover) : undefined,
    carryOverage: carryOverage || undefined,
  };
  const message = 'needs a balance that resets: give resetInterval too';
  return Object.entries(given).flatMap(([path, value]) =>
    value === undefined ? [] : [{ path, value: shownValue(value), rule: 'needs', message }],
  );
}

/** The rule in the words of the input. */
function asGiven({ max, keep }: RolloverRule) {
  return {
    max: max?.kind === 'AMOUNT' ? quantityToNumber(max.amount) : undefined,
    maxPercent: max?.kind === 'PERCENT' ? quantityToNumber(max.percent) : undefined,
    interval: keep?.unit,
    intervalCount: keep?.count,
  };
}

/** Amounts that were carried over under the former rule stay as long as it said, beside those of the new one. */
function rolloverIssues(before: Balance, after: Balance): InputIssue[] {
  const { reset, rollovers } = after;
  if (reset === null || reset === before.reset || rollovers.length === 0) return [];
  const sum = rollovers.length + Math.max(1, periodsKept(reset));
  if (reset.rollover === null || sum <= ROLLOVER_PERIODS_MAX) return [];
  return [
    {
      path: 'rollover.interval',
      value: JSON.stringify(`${periodsKept(reset)} periods`),
      rule: 'rollover_periods',
      message:
        `The balance still has ${rollovers.length} amounts that were carried over, and at most ${ROLLOVER_PERIODS_MAX} ` +
        'can be kept with those to come. Keep amounts for fewer periods, or wait until some have expired.',
    },
  ];
}

function tooMuch({ granted, usage }: BalanceChanges): InputIssue {
  return {
    path: granted === undefined ? 'usage' : 'granted',
    value: quantityToText(granted ?? usage ?? ZERO),
    rule: 'sum',
    message: `would bring the balance above ${quantityToText(QUANTITY_MAX)}, the most that can be counted.`,
  };
}

/** What a correction did; the account and the balance are the same ones, and there is no entry, if it changed nothing. */
export interface Corrected {
  readonly account: Account;
  readonly balance: Balance;
  readonly entry: LedgerEntry | null;
}

/** Makes the changes, which have passed `refuseCorrection`. */
export function correct(
  account: Account,
  before: Balance,
  changes: BalanceChanges,
  now: Instant,
): Corrected {
  const after = corrected(before, changes, now);
  if (isSame(before, after)) return { account, balance: before, entry: null };
  const { balance, entry } = recordChange(before, after, 'ADJUST', null);
  return { account: withBalances(account, [balance]), balance, entry };
}

function corrected(before: Balance, changes: BalanceChanges, now: Instant): Balance {
  const { granted = before.granted, priority = before.priority } = changes;
  const { overageAllowed = before.overageAllowed, expiresAt = before.expiresAt } = changes;
  const { overageLimit = overageAllowed ? before.overageLimit : null } = changes;
  const reset = resetAfter(before, changes);
  const resetChange =
    reset === before.reset ? before.resetChange : { at: now, periodStart: periodStart(before) };
  const limits = { overageAllowed, overageLimit, expiresAt };
  const terms = { ...before, granted, priority, ...limits, reset, resetChange };
  return withFigure({ ...terms, nextResetAt: nextResetAfter(before, terms, now) }, changes, now);
}

/** The same object if nothing of it changes. */
function resetAfter(before: Balance, changes: BalanceChanges): ResetRule | null {
  const { reset, startsAt, createdAt } = before;
  const { resetInterval: unit = reset?.interval.unit ?? null } = changes;
  if (unit === null) return null;
  // A new interval is one unit, unless it says otherwise.
  const usual = changes.resetInterval === undefined ? reset?.interval.count : undefined;
  const rule: ResetRule = {
    interval: { unit, count: changes.resetIntervalCount ?? usual ?? 1 },
    anchor: changes.resetAnchor ?? reset?.anchor ?? startsAt ?? createdAt,
    timeZone:
      changes.resetTimeZone === undefined ? (reset?.timeZone ?? null) : changes.resetTimeZone,
    rollover: changes.rollover === undefined ? (reset?.rollover ?? null) : changes.rollover,
    carryOverage: changes.carryOverage ?? reset?.carryOverage ?? false,
  };
  return reset !== null && canonicalJson(rule) === canonicalJson(reset) ? reset : rule;
}

/** The current period goes on to the first boundary of the new rule. */
function nextResetAfter(before: Balance, after: Balance, now: Instant): Instant | null {
  const { reset, startsAt, expiresAt } = after;
  if (reset === null) return null;
  const next =
    reset === before.reset && before.nextResetAt !== null
      ? before.nextResetAt
      : nextBoundary(reset, Math.max(now, startsAt ?? now));
  return expiresAt !== null && next >= expiresAt ? null : next;
}

function isSame(a: Balance, b: Balance): boolean {
  return (
    a.granted === b.granted &&
    a.used === b.used &&
    a.priority === b.priority &&
    a.reset === b.reset &&
    a.nextResetAt === b.nextResetAt &&
    a.expiresAt === b.expiresAt &&
    a.overageAllowed === b.overageAllowed &&
    a.overageLimit === b.overageLimit &&
    a.rollovers.length === b.rollovers.length &&
    a.rollovers.every(({ used }, index) => used === b.rollovers[index]?.used)
  );
}

/** The parts of a correction that a retry must repeat (R17). To remove something is not the same as to leave it. */
export function changesFingerprint(changes: BalanceChanges): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(changes).map(([field, value]: [string, unknown]) => [field, printed(value)]),
  );
}

function printed(value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return quantityToText(value);
  return typeof value === 'object' ? canonicalJson(withoutNulls(value)) : String(value);
}
