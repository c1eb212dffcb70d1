/** The checker of histories: it agrees with trying every order, and finds what is planted. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountOf, type Granted } from '../support/linearizability/account.js';
import type { AccountAnswer, AccountCall } from '../support/linearizability/account-call.js';
import { isLinearizable } from '../support/linearizability/brute-force.js';
import { at, track } from '../support/linearizability/by-hand.js';
import { BOUNDS, type Bounds, checkHistory } from '../support/linearizability/check.js';
import { RandomAccountCalls } from '../support/linearizability/random-account-calls.js';
import {
  type AccountOperation,
  type Fault,
  simulate,
} from '../support/linearizability/simulate.js';
import { textOfVerdict } from '../support/linearizability/verdict.js';
import { always } from '../support/random/always.js';
import { type Random, randomOf } from '../support/random/random.js';

const FAR = Date.parse('2030-01-01T00:00:00.000Z');

const GRANTED: Granted = { granted: 30, overageLimit: 5 };

function callsOf(random: Random, count: number): AccountCall[] {
  const calls = new RandomAccountCalls(random, { expiresAt: FAR });
  return Array.from({ length: count }, () =>
    random.once(12) ? { verb: 'pass', instant: FAR } : calls.next(),
  );
}

function verdictOf(history: readonly AccountOperation[], bounds: Bounds = BOUNDS) {
  const account = accountOf(
    GRANTED,
    history.map(({ call }) => call),
  );
  return checkHistory(account, history, bounds);
}

/** With an answer that another call got, or a number that is off by one. */
function disturbed(history: readonly AccountOperation[], random: Random): AccountOperation[] {
  const at = random.whole(0, history.length - 1);
  const other = history[random.whole(0, history.length - 1)];
  return history.map((operation, place) => {
    if (place !== at || operation.answer === null) return operation;
    const isSameVerb = other?.call.verb === operation.call.verb;
    if (isSameVerb && other.answer !== null && random.once(2))
      return { ...operation, answer: other.answer };
    return { ...operation, answer: offByOne(operation.answer, random) };
  });
}

function offByOne(answer: AccountAnswer, random: Random): AccountAnswer {
  const numbers = Object.keys(answer).filter((name) => typeof answer[name] === 'number');
  const name = numbers[random.whole(0, Math.max(0, numbers.length - 1))];
  return name === undefined ? answer : { ...answer, [name]: Number(answer[name]) + 1 };
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe('the checker', () => {
  it('agrees with trying every order, for six calls at once and in turn', async () => {
    const counts = { yes: 0, no: 0 };
    await always(1_500, seeds, (seed) => {
      const random = randomOf(seed);
      const calls = callsOf(random, random.whole(2, 6));
      const tookMax = random.pick([5, 20, 60]);
      const history = simulate({
        granted: GRANTED,
        calls,
        random,
        tookMax,
        unansweredOnceIn: 4,
      });
      const tried = random.once(4) ? history : disturbed(history, random);
      const expected = isLinearizable(accountOf(GRANTED, calls), tried);
      const verdict = verdictOf(tried);
      expect(verdict.verdict, JSON.stringify(tried)).toBe(expected ? 'LINEARIZABLE' : 'VIOLATION');
      counts[expected ? 'yes' : 'no'] += 1;
    });
    // Otherwise it would not be a comparison.
    expect(Math.min(counts.yes, counts.no)).toBeGreaterThan(200);
  });

  it('accepts whatever takes effect at one moment, in histories of hundreds of calls', async () => {
    await always(20, seeds, (seed) => {
      const random = randomOf(seed);
      const history = simulate({
        granted: { ...GRANTED, granted: 200 },
        calls: callsOf(random, 300),
        random,
        tookMax: 60,
        unansweredOnceIn: 60,
      });
      const account = accountOf(
        { ...GRANTED, granted: 200 },
        history.map(({ call }) => call),
      );
      const verdict = checkHistory(account, history);
      expect(verdict.verdict, textOfVerdict(verdict)).toBe('LINEARIZABLE');
    });
  });

  it('says so if it cannot decide within its bounds', () => {
    const calls = Array.from({ length: 24 }, (_, n): AccountCall => track(n % 2 === 0 ? 1 : 2));
    // All at once, without amounts in the answers, except for one that is impossible.
    const history = calls.map((call, n) =>
      at(0, 10, call, n === 5 ? { taken: 7 } : { code: null }),
    );
    expect(verdictOf(history, { stepsMax: 1_000, visitedMax: 1_000_000 })).toMatchObject({
      verdict: 'UNDECIDED',
      reason: 'more than 1000 steps',
    });
    expect(verdictOf(history, { stepsMax: 1_000_000, visitedMax: 20 })).toMatchObject({
      verdict: 'UNDECIDED',
      reason: 'more than 20 states',
    });
  });
});

describe('a planted fault is found:', () => {
  const faults: readonly (readonly [string, Fault])[] = [
    [
      'a lost update',
      ({ verb }, states) =>
        verb === 'track' && Math.abs(states.length - 60) < 5 ? states.at(-2) : undefined,
    ],
    [
      'a stale check',
      ({ verb }, states) => (verb === 'check' && states.length > 60 ? states.at(-20) : undefined),
    ],
    [
      'a double capture',
      ({ verb }, states) => (verb === 'capture' && states.length > 60 ? states.at(-20) : undefined),
    ],
  ];
  it.each(faults)('%s among hundreds of calls', async (_name, fault) => {
    let found = 0;
    await always(20, seeds, (seed) => {
      const random = randomOf(seed);
      const calls = callsOf(random, 200);
      const history = simulate({
        granted: GRANTED,
        calls,
        random,
        tookMax: 20,
        unansweredOnceIn: 40,
        fault,
      });
      const { verdict } = verdictOf(history);
      if (verdict === 'VIOLATION') found += 1;
    });
    // Some faults change nothing that any answer shows.
    expect(found).toBeGreaterThan(15);
  });
});
