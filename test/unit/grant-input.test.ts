/** R17: which grants under one key are the same input. */
import { describe, expect, it } from 'vitest';
import { type GrantRequest, grantFingerprint } from '../../src/domain/grant.js';
import { firstDifference } from '../../src/domain/idempotency.js';
import { grantInputOf } from '../../src/meter/stored/grant-input.js';
import { grantRequestOf } from '../support/cases/domain-requests.js';
import type { PlainGrant } from '../support/cases/plain.js';
import { CATALOG } from './given.js';

const before = '2026-01-09T00:00:00.000Z';
const later = '2026-02-09T00:00:00.000Z';

const MONTHLY = { interval: 'MONTH' as const };

const keep = (count: number) =>
  ({ ...MONTHLY, rollover: { keep: { unit: 'MONTH', count } } }) as const;

/** A grant of 10 messages by default. */
function requestOf(special: Partial<PlainGrant>): GrantRequest {
  const amount = special.unlimited === undefined ? { granted: 10 } : {};
  return grantRequestOf({ name: 'grant', featureId: 'messages', ...amount, ...special });
}

const inputOf = (request: GrantRequest) => grantInputOf(grantFingerprint(request), CATALOG);

/** The first field in which the two differ, in either order. */
function difference(one: Partial<PlainGrant>, other: Partial<PlainGrant>): string | null {
  const [first, second] = [inputOf(requestOf(one)), inputOf(requestOf(other))];
  const field = firstDifference(first, second);
  expect(firstDifference(second, first)).toBe(field);
  return field;
}

const seats = { featureId: 'users' };

describe('two grants with one key', () => {
  it.each<[string, Partial<PlainGrant>]>([
    ['featureId', { featureId: 'words', granted: 11 }],
    ['entityId', { entityId: 'seat1', granted: 11 }],
    ['granted', { granted: 11, priority: 1 }],
    ['granted', { unlimited: true }],
    ['priority', { priority: 1, startsAt: later }],
    ['startsAt', { startsAt: later, expiresAt: later }],
    ['startsAt', { startsAt: later, reset: MONTHLY }],
    ['resetInterval', { reset: { ...keep(2), interval: 'YEAR' } }],
    ['resetIntervalCount', { reset: { ...keep(2), count: 2 }, expiresAt: later }],
    ['resetAnchor', { reset: { ...keep(2), anchor: later, timeZone: 'Asia/Tokyo' } }],
    ['resetTimeZone', { reset: { ...keep(2), timeZone: 'Asia/Tokyo', carryOverage: true } }],
    ['rollover', { reset: { ...MONTHLY, rollover: { max: 1 } } }],
    ['rollover', { reset: MONTHLY }],
    ['carryOverage', { reset: { ...keep(2), carryOverage: true }, expiresAt: later }],
    ['expiresAt', { expiresAt: later, overageAllowed: true }],
    ['overageAllowed', { overageAllowed: true, overageLimit: 1 }],
    ['overageLimit', { overageLimit: 1 }],
  ])('differ first in %s', (field, special) => {
    expect(difference({ reset: keep(2) }, { reset: keep(2), ...special })).toBe(field);
  });

  it.each<[string, Partial<PlainGrant>, Partial<PlainGrant>]>([
    ['nothing', { reset: keep(2) }, { reset: keep(2) }],
    ['no overage', {}, { overageAllowed: false }],
    ['overage for seats', seats, { ...seats, overageAllowed: true }],
    [
      'no overage if unlimited, even for seats',
      { ...seats, unlimited: true },
      { ...seats, unlimited: true, overageAllowed: false },
    ],
    [
      'periods counted from the start',
      { startsAt: before, reset: MONTHLY },
      { startsAt: before, reset: { ...MONTHLY, anchor: before } },
    ],
    ['periods of one unit', { reset: MONTHLY }, { reset: { ...MONTHLY, count: 1 } }],
  ])('are the same if one omits a default that the other gives: %s', (_, one, other) => {
    expect(difference(one, other)).toBeNull();
  });

  it.each<[string, Partial<PlainGrant>, Partial<PlainGrant>]>([
    ['overageAllowed', {}, { overageAllowed: true }],
    ['overageAllowed', seats, { ...seats, overageAllowed: false }],
    ['resetAnchor', { reset: MONTHLY }, { reset: { ...MONTHLY, anchor: later } }],
    [
      'resetAnchor',
      { startsAt: before, reset: MONTHLY },
      { startsAt: before, reset: { ...MONTHLY, anchor: later } },
    ],
  ])('differ in %s if one gives a value other than the default', (field, one, other) => {
    expect(difference(one, other)).toBe(field);
  });
});

describe('the rule of a reset', () => {
  const print = { operation: 'createBalance', featureId: 'messages', granted: '10' };

  it('is read from every form that a release has written', () => {
    const keepTwo = { count: 2, unit: 'MONTH' };
    const whole = {
      timeZone: null,
      carryOverage: false,
      rollover: { max: null, keep: keepTwo },
      anchor: null,
      interval: { count: 1, unit: 'MONTH' },
    };
    const short = { interval: { unit: 'MONTH' }, rollover: { keep: keepTwo } };
    for (const reset of [whole, short]) {
      const stored = { ...print, reset: JSON.stringify(reset) };
      expect(
        firstDifference(grantInputOf(stored, CATALOG), inputOf(requestOf({ reset: keep(2) }))),
      ).toBeNull();
    }
  });

  it.each(['', 'x', 'null', '[]', '{}', '{"interval":null}', '{"interval":{"unit":1}}'])(
    'is unreadable if it is stored as %j',
    (reset) => {
      expect(() => grantInputOf({ ...print, reset }, CATALOG)).toThrow(
        expect.objectContaining({ code: 'RESULT_UNREADABLE' }),
      );
    },
  );
});

it('a field that this release does not know counts as a difference', () => {
  const print = grantFingerprint(requestOf({}));
  const newer = grantInputOf({ ...print, color: 'red' }, CATALOG);
  expect(firstDifference(newer, grantInputOf(print, CATALOG))).toBe('color');
});
