/** Random corrections of a balance. Many of them are refused, as the balance may be of any kind, or have ended. */
import type { PlainCall, PlainResetUpdate, PlainUpdate } from '../cases/plain.js';
import type { Random } from './random.js';

const HOUR_MS = 3_600_000;

export function randomCorrection(
  named: Pick<PlainUpdate, 'name' | 'byBalanceId'>,
  random: Random,
  now: number,
): Extract<PlainCall, { update: unknown } | { delete: unknown }> {
  if (random.once(5)) return { delete: { ...named, transferUsage: random.once(2) } };
  return {
    update: { ...named, ...(random.once(2) ? figures(random) : {}), ...terms(random, now) },
  };
}

function figures(random: Random): Partial<PlainUpdate> {
  const amount = random.whole(0, 400) / random.pick([1, 1, 4, 10]);
  return random.pick<Partial<PlainUpdate>>([
    { granted: amount },
    { usage: amount },
    { remaining: amount },
    { granted: amount, remaining: 0 },
    { granted: amount, usage: random.whole(0, 300) },
  ]);
}

/** None, or one of them, as those that do not fit together would all be refused. */
function terms(random: Random, now: number): Partial<PlainUpdate> {
  return random.pick<Partial<PlainUpdate>>([
    {},
    { priority: random.whole(-2, 2) },
    { expiresAt: null },
    { expiresAt: new Date(now + random.whole(2, 600) * HOUR_MS).toISOString() },
    { overageAllowed: random.once(2) },
    { overageAllowed: true, overageLimit: random.pick([null, 0, 20]) },
    { reset: null },
    { reset: reset(random) },
  ]);
}

function reset(random: Random): PlainResetUpdate {
  return random.pick<PlainResetUpdate>([
    { interval: random.pick(['HOUR', 'DAY', 'WEEK', 'MONTH']), count: random.whole(1, 3) },
    { interval: 'DAY', timeZone: 'Europe/Berlin' },
    { count: random.whole(1, 4) },
    { carryOverage: random.once(2) },
    { rollover: null },
    { interval: 'DAY', rollover: { max: random.whole(0, 50) } },
    { interval: 'WEEK', rollover: { maxPercent: 50, keep: { unit: 'DAY', count: 30 } } },
  ]);
}
