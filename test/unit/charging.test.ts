/** Charging many features, or one with many payers, is what charging them one by one is, and looks at no more balances than it must. */
import { expect, it } from 'vitest';
import type { Balance } from '../../src/domain/balance.js';
import { wholeCost } from '../../src/domain/cost.js';
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
    creditCosts: paysFor.map((featureId) => ({ featureId, cost: wholeCost(1), where: null })),
    isArchived: false,
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

/** The balance or feature; `look` is called whenever it is asked which one it is, or of which feature. */
function watched<T extends Balance | Feature>(it: T, look: () => void): T {
  return new Proxy(it, {
    get: (target, field, receiver) => {
      if (field === 'id' || field === 'featureId') look();
      return Reflect.get(target, field, receiver);
    },
  });
}

it('a thousand features, a hundred of which have a thousand payers, look only at what can pay', () => {
  const metered = names(100, 'x');
  const systems = names(900, 's');
  const looks = { balances: 0, features: 0 };
  const look = (what: keyof typeof looks) => () => {
    looks[what] += 1;
  };
  const features = [
    ...metered.map((id) => feature(id, ['all'])),
    ...systems.map((id) => feature(id, ['all'], metered)),
  ];
  const catalog = catalogOf(
    1,
    features.map((one) => watched(one, look('features'))),
  );
  const balances = names(1_000, 'b').map((id, n) =>
    // Few can pay, for one that does becomes a copy, which is not watched. The priorities decide their order without the ids.
    balanceOf({ id, featureId: `s${n % 900}`, priority: n, granted: units(n % 20 === 0 ? 5 : 0) }),
  );
  const account = accountOf(balances.map((balance) => watched(balance, look('balances'))));
  looks.features = 0;
  const decided = track(account, catalog, event('all', 3), NOW);
  expect(decided.ok && decided.entries.length).toBe(50);
  // The balances of all systems for each of the hundred, and those of one system for each of the others.
  const canPay = metered.length * balances.length + balances.length;
  expect(looks.balances).toBeLessThan(2.5 * canPay);
  expect(looks.features).toBeLessThan(4 * canPay);
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
