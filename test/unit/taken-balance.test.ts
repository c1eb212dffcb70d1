/** What a grant with an id that a balance has says about it. What comes of such grants is in the cases of rows 360 to 367. */
import { expect, it } from 'vitest';
import { refuseGrant } from '../../src/domain/grant.js';
import { roomIn } from '../../src/domain/room.js';
import { refuseTaken } from '../../src/domain/taken-balance.js';
import { grantedBalance, grantRequestOf } from '../support/cases/domain-requests.js';
import type { PlainGrant } from '../support/cases/plain.js';
import { accountOf, at, balanceOf, CATALOG, NOW } from './given.js';

const GRANT: PlainGrant = {
  name: 'own',
  balanceId: 'own',
  featureId: 'messages',
  granted: 10,
  reset: { interval: 'MONTH' },
};

const reset = (more: Partial<PlainGrant['reset']>) => ({
  reset: { interval: 'MONTH' as const, ...more },
});

const balance = (special: Partial<PlainGrant> = {}) =>
  grantedBalance({ ...GRANT, ...special }, CATALOG, NOW).balance;

it.each<[field: string, special: Partial<PlainGrant>]>([
  ['featureId', { featureId: 'words' }],
  ['entityId', { entityId: 'seat1' }],
  ['granted', { granted: 10.5 }],
  ['priority', { priority: 1 }],
  ['resetInterval', { reset: { interval: 'YEAR' } }],
  ['resetIntervalCount', reset({ count: 2 })],
  ['resetAnchor', reset({ anchor: '2026-01-01T00:00:00Z' })],
  ['resetTimeZone', reset({ timeZone: 'Europe/Berlin' })],
  ['rollover', reset({ rollover: { max: 5 } })],
  ['carryOverage', reset({ carryOverage: true })],
  ['startsAt', { startsAt: '2026-01-09T00:00:00Z', ...reset({ anchor: '2026-01-10T00:00:00Z' }) }],
  ['expiresAt', { expiresAt: '2027-01-01T00:00:00Z' }],
  ['overageAllowed', { overageAllowed: true }],
])('the first term that differs is named: %s', (field, special) => {
  const refusal = refuseTaken(balance(), balance(special));
  expect(refusal).toMatchObject({
    code: 'ALREADY_EXISTS',
    message: expect.stringContaining(`The first field that differs is ${field}.`),
  });
  expect(refuseTaken(balance(special), balance(special))).toBeNull();
});

it('a limit on overage is a term, and so is that there is none', () => {
  const limited = balance({ overageAllowed: true, overageLimit: 5 });
  const message = expect.stringContaining('differs is overageLimit.');
  expect(refuseTaken(balance({ overageAllowed: true }), limited)).toMatchObject({ message });
  const unlimited = balanceOf({ granted: 0n, unlimited: true });
  expect(refuseTaken(balanceOf({ granted: 0n }), unlimited)).toMatchObject({
    message: expect.stringContaining('differs is unlimited.'),
  });
});

it('what is used, reserved or rolled over of it makes no difference', () => {
  const used = { ...balance(), used: 7n, reserved: 2n, nextResetAt: at('2026-09-01T00:00:00Z') };
  expect(refuseTaken({ ...used, ledgerSeq: 9 }, balance())).toBeNull();
});

it('one that has ended is refused on whatever terms, with the time', () => {
  const ended = { ...balance(), expiredAt: at('2026-02-03T04:05:06Z') };
  for (const asked of [balance(), balance({ priority: 1 })]) {
    expect(refuseTaken(ended, asked)).toMatchObject({
      code: 'ALREADY_EXISTS',
      message: expect.stringContaining('"own" ended at 2026-02-03T04:05:06.000Z'),
    });
  }
});

it('a customer with all the balances that it can hold still finds the one with the id', () => {
  const others = Array.from({ length: 999 }, (_, n) => balanceOf({ id: `b${n}` }));
  const account = accountOf([...others, balance()]);
  expect(roomIn(account).isFree).toBe(false);
  expect(refuseGrant(account, CATALOG, grantRequestOf(GRANT), NOW, balance())).toBeNull();
  expect(refuseGrant(account, CATALOG, grantRequestOf(GRANT), NOW)).not.toBeNull();
});
