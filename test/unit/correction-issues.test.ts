/** What the refusal of a correction says of the value that it refuses. */
import { expect, it } from 'vitest';
import { refuseCorrection } from '../../src/domain/correction.js';
import { changesOf } from '../support/cases/domain-corrections.js';
import type { PlainResetUpdate } from '../support/cases/plain.js';
import { accountOf, balanceOf, CATALOG, NOW } from './given.js';

it.each<[string, PlainResetUpdate, string]>([
  ['resetIntervalCount', { count: 2 }, '2'],
  ['resetAnchor', { anchor: '2026-01-01T01:00:00+01:00' }, '"2026-01-01T00:00:00.000Z"'],
  ['resetTimeZone', { timeZone: 'Europe/Berlin' }, '"Europe/Berlin"'],
  ['carryOverage', { carryOverage: true }, 'true'],
  ['rollover', { rollover: { max: 1 } }, '{…}'],
])('%s of a balance that does not reset is refused, with the value', (path, reset, value) => {
  const balance = balanceOf();
  const changes = changesOf({ name: balance.id, reset });
  expect(refuseCorrection(accountOf([balance]), CATALOG, balance, changes, NOW)).toMatchObject({
    code: 'INVALID_INPUT',
    issues: [{ path, value, rule: 'needs' }],
  });
});
