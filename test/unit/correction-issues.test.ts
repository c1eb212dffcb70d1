/** What the refusal of a correction says of the value that it refuses. */
import { expect, it } from 'vitest';
import { present } from '../../src/domain/assert.js';
import { refuseCorrection } from '../../src/domain/correction.js';
import { refuseHeld } from '../../src/domain/delete-balance.js';
import { units } from '../../src/domain/quantity.js';
import { reserve } from '../../src/domain/reserve.js';
import { changesOf } from '../support/cases/domain-corrections.js';
import type { PlainResetUpdate } from '../support/cases/plain.js';
import { accountOf, balanceOf, CATALOG, NOW } from './given.js';

it.each<[string, PlainResetUpdate, string]>([
  ['resetIntervalCount', { count: 2 }, '2'],
  ['resetAnchor', { anchor: '2026-01-01T01:00:00+01:00' }, '"2026-01-01T00:00:00.000Z"'],
  ['resetTimeZone', { timeZone: 'Europe/Berlin' }, '"Europe/Berlin"'],
  ['carryOverage', { carryOverage: true }, 'true'],
  ['rollover', { rollover: { max: 1 } }, '{"max":1}'],
])('%s of a balance that does not reset is refused, with the value', (path, reset, value) => {
  const balance = balanceOf();
  const changes = changesOf({ name: balance.id, reset });
  expect(refuseCorrection(accountOf([balance]), CATALOG, balance, changes, NOW)).toMatchObject({
    code: 'INVALID_INPUT',
    issues: [{ path, value, rule: 'needs' }],
  });
});

it.each([
  ['balanceId', 'mine'],
  ['id', 'its global id'],
])(
  'a balance of which something is reserved is named by its %s, as the caller named it',
  (path, name) => {
    const account = accountOf([balanceOf({ givenId: 'mine' })]);
    const request = {
      ...{ customerId: 'customer', reservationId: 'r', entityId: null, eventName: null },
      ...{ featureId: 'messages', value: units(2), properties: null },
      ...{ overageBehavior: 'REJECT' as const, expiry: { afterMs: 60_000 } },
    };
    const reserved = reserve(account, CATALOG, request, null, NOW);
    const after = reserved.ok ? reserved.account : account;
    const balance = present(after.balances[0], 'there is one');
    expect(refuseHeld(after, balance, name)).toMatchObject({
      issues: [{ path, value: JSON.stringify(name), rule: 'reserved' }],
    });
  },
);
