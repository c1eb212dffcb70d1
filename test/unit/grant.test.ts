import { describe, expect, it } from 'vitest';
import { ROLLOVER_PERIODS_MAX } from '../../src/domain/advance.js';
import type { Balance } from '../../src/domain/balance.js';
import { type GrantRequest, grant, refuseGrant } from '../../src/domain/grant.js';
import { PERIODS_KEPT_MAX } from '../../src/domain/grant-issues.js';
import { BALANCES_PER_CUSTOMER_MAX } from '../../src/domain/room.js';
import { grantedBalance, grantRequestOf, quantityOf } from '../support/cases/domain-requests.js';
import type { PlainGrant, PlainReset } from '../support/cases/plain.js';
import { accountOf, at, balanceOf, CATALOG, monthlyFrom, NOW } from './given.js';

const ACCOUNT = accountOf([], ['seat1']);

const before = '2026-01-09T00:00:00.000Z';
const later = '2026-02-09T00:00:00.000Z';

const MONTHLY = { interval: 'MONTH' as const };

/** A grant of 10 messages, with these changes. */
function requestOf(special: Partial<PlainGrant>): GrantRequest {
  const amount = special.unlimited === undefined ? { granted: 10 } : {};
  return grantRequestOf({ name: 'grant', featureId: 'messages', ...amount, ...special });
}

/** The rules that the grant breaks, as `path rule`. */
function brokenBy(request: GrantRequest): string[] {
  const refusal = refuseGrant(ACCOUNT, CATALOG, request, NOW);
  if (refusal === null) return [];
  if (refusal.code !== 'INVALID_INPUT') return [refusal.code];
  return refusal.issues.map(({ path, rule }) => `${path} ${rule}`);
}

const keep = (count: number) =>
  ({ ...MONTHLY, rollover: { keep: { unit: 'MONTH', count } } }) as const;

it.each<[string, Partial<PlainGrant>, string[]]>([
  ['both an amount and none', { unlimited: true, granted: 1 }, ['granted exactly_one']],
  [
    'an unlimited amount with overage',
    { unlimited: true, overageLimit: 1 },
    ['unlimited unlimited'],
  ],
  [
    'a limit on overage that is not allowed',
    { overageAllowed: false, overageLimit: 1 },
    ['overageLimit overage_allowed'],
  ],
])('%s is invalid whatever the customer and the feature are', (_what, special, broken) => {
  const request = requestOf({ ...special, featureId: 'nothing' });
  const refusal = refuseGrant(null, CATALOG, request, NOW);
  expect(refusal?.code === 'INVALID_INPUT' ? refusal.issues : []).toMatchObject(
    broken.map((issue) => {
      const [path, rule] = issue.split(' ');
      return { path, rule };
    }),
  );
});

describe('a grant is refused for', () => {
  it.each<[string, Partial<PlainGrant>, string[]]>([
    ['an unknown entity', { entityId: 'seat2' }, ['ENTITY_NOT_FOUND']],
    ['an unknown feature', { featureId: 'nothing' }, ['FEATURE_NOT_FOUND']],
    ['an unlimited amount', { unlimited: true, granted: 1 }, ['granted exactly_one']],
    ['no amount', { unlimited: false }, ['granted exactly_one']],
    ['an amount for a boolean feature', { featureId: 'dashboard' }, ['granted boolean']],
    [
      'an unlimited boolean feature',
      { featureId: 'dashboard', unlimited: true },
      ['granted boolean'],
    ],
    [
      'an unlimited balance with overage',
      { unlimited: true, overageAllowed: true },
      ['unlimited unlimited'],
    ],
    [
      'an unlimited balance with an overage limit',
      { unlimited: true, overageLimit: 1 },
      ['unlimited unlimited'],
    ],
    [
      'an unlimited balance with a rollover',
      { unlimited: true, reset: keep(1) },
      ['unlimited unlimited'],
    ],
    [
      'an unlimited balance with carried overage',
      { unlimited: true, reset: { ...MONTHLY, carryOverage: true } },
      ['unlimited unlimited'],
    ],
    ['an overage limit without overage', { overageLimit: 1 }, ['overageLimit overage_allowed']],
    [
      'an overage limit for seats without overage',
      { featureId: 'users', overageAllowed: false, overageLimit: 1 },
      ['overageLimit overage_allowed'],
    ],
    ['an expiry in the past', { expiresAt: before }, ['expiresAt after_start']],
    ['an expiry now', { expiresAt: new Date(NOW).toISOString() }, ['expiresAt after_start']],
    ['an expiry at the start', { startsAt: later, expiresAt: later }, ['expiresAt after_start']],
    [
      'a rollover kept too long',
      { reset: keep(ROLLOVER_PERIODS_MAX + 1) },
      ['rollover.interval rollover_periods'],
    ],
    [
      'an expiry in the past rather than an unknown entity',
      { expiresAt: before, entityId: 'seat2' },
      ['expiresAt after_start'],
    ],
  ])('%s', (_, special, broken) => {
    expect(brokenBy(requestOf(special))).toEqual(broken);
  });

  it.each<[string, Partial<PlainGrant>]>([
    ['an amount', {}],
    ['an amount of 0', { granted: 0 }],
    ['an unlimited balance', { unlimited: true, reset: MONTHLY }],
    ['an entity', { entityId: 'seat1' }],
    ['an overage limit', { overageAllowed: true, overageLimit: 0 }],
    ['an overage limit for seats, which have overage', { featureId: 'users', overageLimit: 1 }],
    ['a start in the past', { startsAt: before }],
    ['an expiry a millisecond from now', { expiresAt: new Date(NOW + 1).toISOString() }],
    ['a rollover kept indefinitely', { reset: { ...MONTHLY, rollover: {} } }],
    ['a rollover kept as long as possible', { reset: keep(ROLLOVER_PERIODS_MAX) }],
  ])('not for %s', (_, special) => {
    expect(brokenBy(requestOf(special))).toEqual([]);
  });

  const dashboard = { ...requestOf({ featureId: 'dashboard' }), granted: null };

  it('overage or a reset of a boolean feature, each named by its field', () => {
    expect(brokenBy({ ...dashboard, overageAllowed: true })).toEqual(['overageAllowed boolean']);
    const { reset } = requestOf({ reset: MONTHLY });
    expect(brokenBy({ ...dashboard, reset })).toEqual(['resetInterval boolean']);
    expect(brokenBy({ ...dashboard, reset, unlimited: true })).toEqual([
      'granted boolean',
      'resetInterval boolean',
    ]);
  });

  it('not for a boolean feature without an amount', () => {
    expect(brokenBy(dashboard)).toEqual([]);
    expect(brokenBy({ ...dashboard, overageAllowed: false })).toEqual([]);
  });

  it('an unknown customer rather than its entity, but invalid input rather than that', () => {
    const unknown = requestOf({ entityId: 'seat2' });
    expect(refuseGrant(null, CATALOG, unknown, NOW)?.code).toBe('CUSTOMER_NOT_FOUND');
    const untimely = requestOf({ expiresAt: before });
    expect(refuseGrant(null, CATALOG, untimely, NOW)?.code).toBe('INVALID_INPUT');
  });

  it('one balance too many', () => {
    const held = (count: number) =>
      accountOf(Array.from({ length: count }, (_, index) => balanceOf({ id: String(index) })));
    const refused = (count: number) => refuseGrant(held(count), CATALOG, requestOf({}), NOW);
    expect(refused(BALANCES_PER_CUSTOMER_MAX - 1)).toBeNull();
    expect(refused(BALANCES_PER_CUSTOMER_MAX)).toMatchObject({
      issues: [{ path: 'customerId', rule: 'balances_max' }],
    });
  });
});

describe('the periods for which a customer keeps rolled-over amounts', () => {
  const kept = (count: number, periods: number) =>
    Array.from({ length: count }, (_, index) =>
      balanceOf({ id: String(index), reset: monthlyKeeping(periods) }),
    );
  const monthlyKeeping = (count: number) =>
    monthlyFrom('2026-01-01T00:00:00Z', {
      rollover: { max: null, keep: { unit: 'MONTH', count } },
    });
  const brokenWith = (balances: readonly Balance[], reset: PlainReset) => {
    const refusal = refuseGrant(accountOf(balances), CATALOG, requestOf({ reset }), NOW);
    return refusal?.code === 'INVALID_INPUT' ? refusal.issues.map(({ rule }) => rule) : [];
  };
  const full = kept(PERIODS_KEPT_MAX / 100, 100);

  it('have a common limit', () => {
    expect(brokenWith(full.slice(1), keep(100))).toEqual([]);
    expect(brokenWith(full, keep(1))).toEqual(['rollovers_max']);
    expect(brokenWith([...full.slice(1), ...kept(1, 60)], keep(40))).toEqual([]);
    expect(brokenWith([...full.slice(1), ...kept(1, 60)], keep(41))).toEqual(['rollovers_max']);
  });

  it('do not count if amounts are kept indefinitely, not at all, or no longer', () => {
    expect(brokenWith(full, { ...MONTHLY, rollover: {} })).toEqual([]);
    expect(brokenWith(full, MONTHLY)).toEqual([]);
    const ended = full.map((balance) => ({ ...balance, expiredAt: NOW }));
    expect(brokenWith(ended, keep(100))).toEqual([]);
  });
});

const granted = (special: Partial<PlainGrant>, now = NOW) =>
  grantedBalance({ name: 'grant', featureId: 'messages', granted: 10, ...special }, CATALOG, now);

describe('a new balance', () => {
  it('has its full amount, and its GRANT entry is the first of its ledger', () => {
    const { balance, entry } = granted({ granted: 12.5, priority: 3, entityId: 'seat1' });
    expect(balance).toEqual(
      balanceOf({
        id: 'grant',
        granted: quantityOf(12.5),
        priority: 3,
        entityId: 'seat1',
        createdAt: NOW,
        ledgerSeq: 1,
      }),
    );
    expect(entry).toEqual({
      balanceId: 'grant',
      seq: 1,
      kind: 'GRANT',
      amount: balance.granted,
      grantedAfter: balance.granted,
      usedAfter: 0n,
      reservedAfter: 0n,
      effectiveAt: null,
    });
  });

  it.each<[string, Partial<PlainGrant>, boolean]>([
    ['of a consumable feature has none', {}, false],
    ['of a consumable feature has it if it says so', { overageAllowed: true }, true],
    ['of seats has it', { featureId: 'users' }, true],
    ['of seats has none if it says so', { featureId: 'users', overageAllowed: false }, false],
    ['of credits has none', { featureId: 'credits' }, false],
  ])('R10: %s: overage', (_, special, overageAllowed) => {
    expect(granted(special).balance.overageAllowed).toBe(overageAllowed);
  });

  it('that is unlimited has no overage, even for seats', () => {
    const request = requestOf({ featureId: 'users', unlimited: true });
    const users = CATALOG.features.get('users');
    const made = users === undefined ? null : grant(users, request, 'grant', NOW).balance;
    expect(made).toMatchObject({ unlimited: true, granted: 0n, overageAllowed: false });
  });

  it.each<[string, Partial<PlainGrant>, string | null]>([
    ['from its creation', { reset: MONTHLY }, '2026-02-10'],
    ['from its start', { reset: MONTHLY, startsAt: '2026-01-31T00:00:00Z' }, '2026-02-28'],
    ['from its start, if that is in the past', { reset: MONTHLY, startsAt: before }, '2026-02-09'],
    [
      'from its start, however long ago',
      { reset: MONTHLY, startsAt: '2025-01-31T06:30:00Z' },
      '2026-01-31T06:30:00Z',
    ],
    [
      'from an anchor in the past',
      { reset: { ...MONTHLY, anchor: '2025-12-31T00:00:00Z' } },
      '2026-01-31',
    ],
    [
      'from an anchor in the future',
      { reset: { ...MONTHLY, anchor: '2026-12-15T00:00:00Z' } },
      '2026-01-15',
    ],
    [
      'not before its start, whatever its anchor',
      { reset: { ...MONTHLY, anchor: '2026-01-15T00:00:00Z' }, startsAt: '2026-03-15T00:00:00Z' },
      '2026-04-15',
    ],
    ['never if it does not reset', {}, null],
    ['never if it expires first', { reset: MONTHLY, expiresAt: '2026-02-09T00:00:00Z' }, null],
    [
      'never if it expires at the same time',
      { reset: MONTHLY, expiresAt: '2026-02-10T00:00:00Z' },
      null,
    ],
    [
      'if it expires afterwards',
      { reset: MONTHLY, expiresAt: '2026-02-10T00:00:00.001Z' },
      '2026-02-10',
    ],
  ])('R15: counts its periods %s', (_, special, next) => {
    expect(granted(special).balance.nextResetAt).toBe(next === null ? null : at(next));
  });
});
