import { describe, expect, it } from 'vitest';
import { end } from '../../src/domain/advance.js';
import { type Balance, standing } from '../../src/domain/balance.js';
import { grantTo, refuseGrant } from '../../src/domain/grant.js';
import { units } from '../../src/domain/quantity.js';
import { BALANCES_PER_CUSTOMER_MAX, isUsedUp, roomIn } from '../../src/domain/room.js';
import { grantRequestOf } from '../support/cases/domain-customer.js';
import { accountOf, balanceOf, CATALOG, CREATED, monthlyFrom, NOW } from './given.js';

const USED = { granted: units(1), used: units(1) };

describe('a balance is used up', () => {
  it.each<[string, boolean, Partial<Balance>]>([
    ['with all of it used', true, USED],
    ['with all used until it expires', true, { ...USED, expiresAt: NOW + 1 }],
    ['with no reset before its end', true, { ...USED, reset: monthlyFrom('2026-01-01') }],
    ['with an overage limit of 0', true, { ...USED, overageAllowed: true, overageLimit: 0n }],
    ['not with something left', false, { ...USED, used: units(1) - 1n }],
    ['not before its next reset', false, { ...USED, nextResetAt: NOW + 1 }],
    ['not where it is unlimited', false, { granted: 0n, used: 0n, unlimited: true }],
    ['not where it may be exceeded', false, { ...USED, overageAllowed: true }],
    ['not where it is exceeded', false, { ...USED, used: units(2) }],
    ['not where it has granted nothing', false, { granted: 0n }],
    [
      'not with something rolled over',
      false,
      { ...USED, rollovers: [{ granted: 1n, used: 0n, expiresAt: null }] },
    ],
  ])('%s: %s', (_, expected, special) => {
    expect(isUsedUp(balanceOf(special))).toBe(expected);
  });
});

/** A full account: these balances, and so many that have something left. */
function full(...balances: readonly Balance[]) {
  const rest = BALANCES_PER_CUSTOMER_MAX - balances.length;
  const open = Array.from({ length: rest }, (_, index) => balanceOf({ id: `open ${index}` }));
  return accountOf([...open, ...balances], ['seat1']);
}

const used = (id: string, special: Partial<Balance> = {}) => balanceOf({ ...USED, id, ...special });

const REQUEST = grantRequestOf({ name: 'new', featureId: 'messages', granted: 10 });
const MESSAGES = CATALOG.features.get('messages') ?? expect.fail('there are messages');

describe('R7: of a customer that holds as much as it can', () => {
  it.each<[string, Balance[], string | null]>([
    ['none where all have something left', [], null],
    ['the used-up one', [used('a')], 'a'],
    ['the oldest', [used('a'), used('z', { createdAt: CREATED - 1 })], 'z'],
    ['of two as old, the first by id', [used('b'), used('a')], 'a'],
    [
      'one of which there are others, before the last of its kind',
      [used('words', { featureId: 'words', createdAt: 0 }), used('a')],
      'a',
    ],
    [
      'one of the same owner, before the last of an entity',
      [used('seat', { entityId: 'seat1', createdAt: 0 }), used('a')],
      'a',
    ],
    ['the last of its kind, if need be', [used('words', { featureId: 'words' })], 'words'],
  ])('%s makes room for another', (_, balances, id) => {
    const account = full(...balances);
    expect(roomIn(account)).toMatchObject({
      isFree: id !== null,
      ...(id === null ? { ending: null } : { ending: { id } }),
    });
    expect(refuseGrant(account, CATALOG, REQUEST, NOW)?.code).toBe(
      id === null ? 'INVALID_INPUT' : undefined,
    );
  });

  it('what has ended does not count', () => {
    const account = full(end(balanceOf({ id: 'ended' }), NOW).balance);
    expect(roomIn(account)).toEqual({ isFree: true, ending: null });
    expect(refuseGrant(account, CATALOG, REQUEST, NOW)).toBeNull();
  });

  it('nothing ends while there is room', () => {
    const { balances, ...account } = full(used('a'));
    expect(roomIn({ ...account, balances: balances.slice(1) }).ending).toBeNull();
  });

  it('the one that makes room ends in the ledger, and its standing stays', () => {
    const account = full(used('a'));
    const granted = grantTo(account, MESSAGES, REQUEST, 'new', NOW);
    expect(granted.entries).toMatchObject([
      { balanceId: 'a', kind: 'EXPIRE', amount: 0n, grantedAfter: units(1), usedAfter: units(1) },
      { balanceId: 'new', kind: 'GRANT', amount: units(10) },
    ]);
    const after = granted.account.balances;
    expect(after.length).toBe(BALANCES_PER_CUSTOMER_MAX + 1);
    expect(after.filter(({ expiredAt }) => expiredAt === null).length).toBe(
      BALANCES_PER_CUSTOMER_MAX,
    );
    expect(after.find(({ id }) => id === 'a')).toMatchObject({ expiredAt: NOW });
    expect(after.map(standing).reduce((sum, one) => sum + one)).toBe(units(9_990 + 10));
  });
});
