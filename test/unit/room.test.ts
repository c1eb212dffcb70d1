import { describe, expect, it } from 'vitest';
import { end } from '../../src/domain/advance.js';
import { type Balance, standing } from '../../src/domain/balance.js';
import { grantTo, refuseGrant } from '../../src/domain/grant.js';
import { units } from '../../src/domain/quantity.js';
import { BALANCES_PER_CUSTOMER_MAX, isUsedUp, roomIn } from '../../src/domain/room.js';
import { grantRequestOf } from '../support/cases/domain-requests.js';
import { accountOf, balanceOf, CATALOG, CREATED, monthlyFrom, NOW } from './given.js';

const USED = { granted: units(1), used: units(1) };

describe('a balance is used up', () => {
  it.each<[string, boolean, Partial<Balance>]>([
    ['if all of it is used', true, USED],
    ['if all of it is used before it expires', true, { ...USED, expiresAt: NOW + 1 }],
    ['if it does not reset before it expires', true, { ...USED, reset: monthlyFrom('2026-01-01') }],
    ['with an overage limit of 0', true, { ...USED, overageAllowed: true, overageLimit: 0n }],
    ['not if something is left', false, { ...USED, used: units(1) - 1n }],
    ['not before its next reset', false, { ...USED, nextResetAt: NOW + 1 }],
    ['not if it is unlimited', false, { granted: 0n, used: 0n, unlimited: true }],
    ['not if it may be exceeded', false, { ...USED, overageAllowed: true }],
    ['not if it is exceeded', false, { ...USED, used: units(2) }],
    ['not if it has granted nothing', false, { granted: 0n }],
    [
      'not if it has a rolled-over amount',
      false,
      { ...USED, rollovers: [{ granted: 1n, used: 0n, expiresAt: null }] },
    ],
  ])('%s: %s', (_, expected, special) => {
    expect(isUsedUp(balanceOf(special))).toBe(expected);
  });
});

/** A full account: these balances, and others that have something left. */
function full(...balances: readonly Balance[]) {
  const rest = BALANCES_PER_CUSTOMER_MAX - balances.length;
  const open = Array.from({ length: rest }, (_, index) => balanceOf({ id: `open ${index}` }));
  return accountOf([...open, ...balances], ['seat1']);
}

const used = (id: string, special: Partial<Balance> = {}) => balanceOf({ ...USED, id, ...special });

const REQUEST = grantRequestOf({ name: 'new', featureId: 'messages', granted: 10 });
const MESSAGES = CATALOG.features.get('messages') ?? expect.fail('there are messages');

describe('R7: of a customer that holds as many balances as it can,', () => {
  it.each<[string, Balance[], string | null]>([
    ['no balance, if all have something left,', [], null],
    ['the one that is used up', [used('a')], 'a'],
    ['the oldest', [used('a'), used('z', { createdAt: CREATED - 1 })], 'z'],
    ['the first by id of two of the same age', [used('b'), used('a')], 'a'],
    [
      'one of several of a feature rather than its last one',
      [used('words', { featureId: 'words', createdAt: 0 }), used('a')],
      'a',
    ],
    [
      'one of several of an owner rather than the last one of an entity',
      [used('seat', { entityId: 'seat1', createdAt: 0 }), used('a')],
      'a',
    ],
    ['the last one of a feature, if necessary,', [used('words', { featureId: 'words' })], 'words'],
  ])('%s makes room for another one', (_, balances, id) => {
    const account = full(...balances);
    expect(roomIn(account)).toMatchObject({
      isFree: id !== null,
      ...(id === null ? { ending: null } : { ending: { id } }),
    });
    expect(refuseGrant(account, CATALOG, REQUEST, NOW)?.code).toBe(
      id === null ? 'INVALID_INPUT' : undefined,
    );
  });

  it('ended balances do not count', () => {
    const account = full(end(balanceOf({ id: 'ended' }), NOW).balance);
    expect(roomIn(account)).toEqual({ isFree: true, ending: null });
    expect(refuseGrant(account, CATALOG, REQUEST, NOW)).toBeNull();
  });

  it('no balance ends while there is room', () => {
    const { balances, ...account } = full(used('a'));
    expect(roomIn({ ...account, balances: balances.slice(1) }).ending).toBeNull();
  });

  it('the one that makes room ends in the ledger, and its amounts do not change', () => {
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
