/** What cannot be granted, for a new balance and for one that is changed. */
import type { Account } from './account.js';
import { periodsKept, ROLLOVER_PERIODS_MAX } from './advance.js';
import type { Feature } from './feature.js';
import type { GrantRequest } from './grant.js';
import type { Instant } from './interval.js';
import { type Quantity, quantityToText } from './quantity.js';
import { type InputIssue, quoted } from './refusal.js';

/** The periods for which all balances of a customer together may keep what they carry over. */
export const PERIODS_KEPT_MAX = 2_000;

/** What is kept is gone through period by period when the customer is next read or written. */
export function keptIssues({ balances }: Account, { reset }: GrantRequest): InputIssue[] {
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
export function formIssues(request: GrantRequest): InputIssue[] {
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

export function amountIssues(feature: Feature, request: GrantRequest): InputIssue[] {
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

export function timeIssues(
  { startsAt, expiresAt, reset }: GrantRequest,
  now: Instant,
): InputIssue[] {
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
