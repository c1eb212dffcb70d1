/** Charging many features, or one with many payers, is what charging them one by one is, and takes no longer than it must. */
import { expect, it } from 'vitest';
import { catalogOf, type Feature } from '../../src/domain/feature.js';
import { units } from '../../src/domain/quantity.js';
import { track } from '../../src/domain/track.js';
import { accountOf, balanceOf, NOW, trackRequestOf } from './given.js';

const feature = (id: string, eventNames: readonly string[], paysFor: readonly string[] = []) =>
  ({
    id,
    name: id,
    type: paysFor.length > 0 ? 'CREDIT_SYSTEM' : 'CONSUMABLE',
    eventNames,
    creditCosts: paysFor.map((featureId) => ({ featureId, cost: units(1) })),
  }) satisfies Feature;

const names = (count: number, name: string) =>
  Array.from({ length: count }, (_, n) => `${name}${n}`);

const event = (eventName: string, value: number) =>
  trackRequestOf({ featureId: null, eventName, value: units(value) });

/** The same customer with as many others' balances as make the lookups worth an index. */
function decisions(features: readonly Feature[], held: readonly string[], value: number) {
  const catalog = catalogOf(1, features);
  const balances = held.map((featureId, n) =>
    balanceOf({ id: `b${n}`, featureId, granted: units(10) }),
  );
  const others = names(600, 'other').map((id) => balanceOf({ id, featureId: 'nothing' }));
  return [balances, [...balances, ...others]].map((all) => {
    const decided = track(accountOf(all), catalog, event('all', value), NOW);
    if (!decided.ok) throw new Error(decided.refusal.message);
    const { account, entries, tracked } = decided;
    return { balances: account.balances.slice(0, held.length), entries, tracked };
  });
}

it('few balances and many give the same', () => {
  const metered = names(5, 'x');
  const features = [
    ...metered.map((id) => feature(id, ['all'])),
    ...names(20, 's').map((id) => feature(id, [], metered)),
    feature('nothing', []),
  ];
  for (const value of [1, 15, 40, 1_000]) {
    const [few, many] = decisions(features, ['x1', 's3', 'x4', 's3', 's0'], value);
    expect(many).toEqual(few);
    expect(few?.entries.length).toBeGreaterThan(0);
  }
});

it('a thousand features, each of which a hundred credit systems pay for, take less than a second', () => {
  const metered = names(100, 'x');
  const systems = names(900, 's');
  const catalog = catalogOf(1, [
    ...metered.map((id) => feature(id, ['all'])),
    ...systems.map((id) => feature(id, ['all'], metered)),
  ]);
  const account = accountOf(
    names(1_000, 'b').map((id, n) =>
      balanceOf({ id, featureId: `s${n % 900}`, granted: units(5) }),
    ),
  );
  const start = performance.now();
  const decided = track(account, catalog, event('all', 3), NOW);
  expect(performance.now() - start).toBeLessThan(1_000);
  expect(decided.ok && decided.entries.length).toBeGreaterThan(0);
});

it('a value that a thousand balances pay for is taken from each of them once', () => {
  const account = accountOf(
    names(1_000, 'b').map((id) => balanceOf({ id, featureId: 'x', granted: units(1) })),
  );
  const catalog = catalogOf(1, [feature('x', ['all'])]);
  const decided = track(account, catalog, event('all', 999), NOW);
  if (!decided.ok) throw new Error(decided.refusal.message);
  const { deductions, unapplied } = decided.tracked;
  expect(new Set(deductions.map(({ balanceId }) => balanceId)).size).toBe(999);
  expect(deductions.every(({ amount }) => amount === units(1))).toBe(true);
  expect(unapplied).toEqual([]);
});
