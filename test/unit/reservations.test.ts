/** What reservations do to balances, decided by the domain alone (R23 to R29). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, advanceAccount } from '../../src/domain/account.js';
import { type Balance, standing, totalReserved, totalUsed } from '../../src/domain/balance.js';
import { HOLDS_MAX, type Hold } from '../../src/domain/hold.js';
import { minQuantity, type Quantity, units, ZERO } from '../../src/domain/quantity.js';
import { type Reserved, type ReserveRequest, reserve } from '../../src/domain/reserve.js';
import { capture, release } from '../../src/domain/settle.js';
import { forbidToken } from '../../src/meter/reservation.js';
import { DomainCustomer } from '../support/cases/domain-customer.js';
import { CustomerModel } from '../support/model/model.js';
import { WILD_CATALOGUE } from '../support/random/arbitraries.js';
import { accountOf, at, balanceOf, CATALOG, monthlyFrom, NOW } from './given.js';

const HOUR = 3_600_000;

function requestOf(value: Quantity, special: Partial<ReserveRequest> = {}): ReserveRequest {
  return {
    customerId: 'customer',
    reservationId: 'hold',
    entityId: null,
    featureId: 'messages',
    eventName: null,
    properties: null,
    value,
    overageBehavior: 'REJECT',
    expiry: { afterMs: HOUR },
    ...special,
  };
}

function reserved(
  account: Account,
  request: ReserveRequest,
  now = NOW,
): Reserved & { account: Account } {
  const decided = reserve(account, CATALOG, request, null, now);
  if (!decided.ok) throw new Error(decided.refusal.message);
  return { ...decided.reserved, account: decided.account };
}

const holdIn = ({ holds }: Account): Hold => {
  const [hold] = holds;
  if (hold === undefined) throw new Error('nothing is held');
  return hold;
};

/** Two grants, of which the first is rolled over each month, with an amount from before. */
const BALANCES: readonly Balance[] = [
  balanceOf({
    id: 'a',
    granted: units(20),
    used: units(5),
    rollovers: [{ granted: units(7), used: ZERO, expiresAt: at('2026-03-01T00:00:00Z') }],
    reset: monthlyFrom('2026-01-01T00:00:00Z', { rollover: { max: null, keep: null } }),
    nextResetAt: at('2026-02-01T00:00:00Z'),
  }),
  balanceOf({ id: 'b', granted: units(10), expiresAt: at('2026-02-15T00:00:00Z') }),
];

/** What matters of balances: their last entry is another one. */
const seen = ({ balances }: Account) =>
  balances.map(({ ledgerSeq: _, ...balance }) => ({
    ...balance,
    rollovers: balance.rollovers.map(({ granted, used, expiresAt }) => ({
      granted,
      used,
      expiresAt,
    })),
  }));

describe('a reservation that is given back', () => {
  const TIMES = ['2026-01-20', '2026-02-10', '2026-02-20', '2026-03-05', '2026-04-02'];

  it.each(TIMES)(
    'leaves what there would be without it, resets and expiries before %s included',
    (day) => {
      const later = at(`${day}T00:00:00Z`);
      fc.assert(
        fc.property(fc.bigInt({ min: 0n, max: 32n }), fc.boolean(), (value, expires) => {
          const start = accountOf(BALANCES);
          const afterMs = expires ? later - NOW : later - NOW + HOUR;
          const held = reserved(
            start,
            requestOf(value * units(1), { expiry: { afterMs } }),
          ).account;
          const { account } = advanceAccount(held, later);
          const after = expires
            ? account
            : release(account, CATALOG, holdIn(account), later).account;
          expect(after.holds).toEqual([]);
          const without = advanceAccount(start, later).account;
          const live = (state: Account) =>
            seen(state).filter(({ expiredAt }) => expiredAt === null);
          expect(live(after)).toEqual(live(without));
          expect(after.balances.map(totalReserved)).toEqual([ZERO, ZERO]);
          expect(after.balances.map(standing)).toEqual(without.balances.map(standing));
        }),
      );
    },
  );
});

describe('a capture', () => {
  it('uses what was taken first, so that the rest is given back from what was taken last', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 32n }),
        fc.bigInt({ min: 0n, max: 32n }),
        (value, part) => {
          const used = minQuantity(part, value);
          const { account, hold } = reserved(accountOf(BALANCES), requestOf(value * units(1)));
          const request = {
            value: used * units(1),
            final: true,
            properties: null,
            overageBehavior: 'CAP',
          } as const;
          const decided = capture(account, CATALOG, hold, request, NOW);
          if (!decided.ok) throw new Error(decided.refusal.message);
          // The same as usage of that much, which takes from the first first.
          const direct = reserved(accountOf(BALANCES), requestOf(used * units(1)));
          expect(decided.account.balances.map(totalUsed)).toEqual(
            direct.account.balances.map((balance) => totalUsed(balance) + totalReserved(balance)),
          );
          expect(decided.account.balances.map(totalReserved)).toEqual([ZERO, ZERO]);
        },
      ),
    );
  });

  it('in parts uses as much as one at once', () => {
    const { account, hold } = reserved(accountOf(BALANCES), requestOf(units(30)));
    let state = account;
    let current = hold;
    for (const value of [units(3), units(12), ZERO, units(9)]) {
      const request = { value, final: false, properties: null, overageBehavior: 'CAP' } as const;
      const decided = capture(state, CATALOG, current, request, NOW);
      if (!decided.ok) throw new Error(decided.refusal.message);
      state = decided.account;
      current = holdIn(state);
    }
    expect(current).toMatchObject({ held: units(6), used: units(24), ended: null });
    expect(state.balances.reduce((sum, balance) => sum + totalReserved(balance), ZERO)).toBe(
      units(6),
    );
  });
});

it('what is held counts towards the limit of overage, but is not shown as overage', () => {
  const balance = balanceOf({ overageAllowed: true, overageLimit: units(5) });
  const { account, balances } = reserved(accountOf([balance]), requestOf(units(13)));
  expect(balances).toMatchObject([{ overage: ZERO, remaining: ZERO, reserved: units(13) }]);
  const more = reserve(account, CATALOG, requestOf(units(3), { reservationId: 'more' }), null, NOW);
  expect(more).toMatchObject({ ok: false, refusal: { missing: [{ amount: units(1) }] } });
});

it('a reservation with credits holds credits', () => {
  const credits = balanceOf({ id: 'c', featureId: 'credits', granted: units(100) });
  const request = requestOf(units(50), { featureId: 'action1' });
  const { account, hold } = reserved(accountOf([credits]), request);
  expect(account.balances.map(totalReserved)).toEqual([units(10)]);
  const captured = capture(
    account,
    CATALOG,
    hold,
    { value: units(25), final: true, properties: null, overageBehavior: 'CAP' },
    NOW,
  );
  expect(captured).toMatchObject({
    ok: true,
    settled: { deductions: [{ balanceId: 'c', amount: units(5) }], value: units(25) },
  });
});

it.each([
  { name: 'the domain', Customer: DomainCustomer },
  { name: 'the model', Customer: CustomerModel },
])(
  'a capture that is refused says what all of its features miss together: $name',
  ({ Customer }) => {
    const customer = new Customer(WILD_CATALOGUE);
    const eventName = 'everything';
    customer.apply({ grant: { name: 'wallet', featureId: 'wallet', granted: 10 } }, NOW);
    customer.apply({ reserve: { reservationId: 'r', eventName, value: 0 } }, NOW);
    const capture = { reservationId: 'r', value: 2, overageBehavior: 'REJECT' } as const;
    expect(customer.apply({ capture }, NOW)).toMatchObject({
      code: 'INSUFFICIENT_BALANCE',
      missing: [
        { chargedFeatureId: 'storage', featureId: 'wallet', amount: '4' },
        { chargedFeatureId: 'tokens', featureId: 'wallet', amount: '0.6666666666' },
      ],
    });
  },
);

it('there are at most 1,000 reservations that have not ended', () => {
  const { account, hold } = reserved(accountOf([balanceOf()]), requestOf(ZERO));
  const holds = Array.from({ length: HOLDS_MAX }, (_, n) => ({ ...hold, id: `hold${n}` }));
  expect(reserve({ ...account, holds }, CATALOG, requestOf(ZERO), null, NOW)).toMatchObject({
    ok: false,
    refusal: { code: 'TOO_MANY_RESERVATIONS' },
  });
});

it('what changes by itself changes next when a reservation expires', () => {
  const { account } = reserved(accountOf([balanceOf()]), requestOf(units(1)));
  expect(advanceAccount(account, NOW).changesAt).toBe(NOW + HOUR);
  expect(advanceAccount(account, NOW + HOUR)).toMatchObject({
    changedAt: NOW + HOUR,
    entries: [{ kind: 'RELEASE', amount: units(1), effectiveAt: NOW + HOUR }],
  });
});

it('a caller with a customer token neither makes nor settles reservations', () => {
  const only = { customerId: 'customer', customerKey: 'key', entityId: null };
  expect(() => forbidToken({ projectId: 'project', scopes: 0, only })).toThrow('customer token');
  expect(forbidToken({ projectId: 'project', scopes: 0 })).toBeUndefined();
});

it('a reservation that expires before its balance begins, as the clock has stepped back, sets no bounds of its own', () => {
  const startsAt = NOW - HOUR;
  const { account } = reserved(accountOf([balanceOf({ startsAt })]), requestOf(units(1)));
  const [hold] = account.holds;
  if (hold === undefined) throw new Error('nothing is held');
  const now = startsAt - HOUR;
  const holds = [{ ...hold, expiresAt: now - 1 }];
  expect(advanceAccount({ ...account, holds }, now)).toMatchObject({
    changedAt: now - 1,
    changesAt: startsAt,
    entries: [{ kind: 'RELEASE', amount: units(1), effectiveAt: now - 1 }],
    account: { holds: [] },
  });
});
