/** The checker of histories: it agrees with trying every order, and finds what is planted. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountOf, type Granted } from '../support/linearizability/account.js';
import type { AccountAnswer, AccountCall } from '../support/linearizability/account-call.js';
import { isLinearizable } from '../support/linearizability/brute-force.js';
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

function at(sentAt: number, answeredAt: number | null, call: AccountCall, answer: AccountAnswer) {
  return { sentAt, answeredAt, call, answer: answeredAt === null ? null : answer };
}

function track(value: number, idempotencyKey: string | null = null): AccountCall {
  return { verb: 'track', value, overageBehavior: 'REJECT', idempotencyKey };
}

const READ: AccountCall = { verb: 'read', until: null };
const CHECK: AccountCall = { verb: 'check', requiredBalance: 1, until: null };
const RESERVE: AccountCall = {
  verb: 'reserve',
  reservationId: 'held',
  value: 10,
  overageBehavior: 'REJECT',
  expiresAt: FAR,
};
const CAPTURE: AccountCall = {
  verb: 'capture',
  reservationId: 'held',
  value: 4,
  final: true,
  overageBehavior: 'CAP',
  idempotencyKey: null,
};
const captured = { code: null, value: 4, captured: 4, held: 0 };
const reserved = { code: null, held: 10 };

describe('a planted violation is found:', () => {
  it.each([
    {
      name: 'a lost update: two calls have taken from the same balance',
      history: [
        at(0, 5, track(10), { code: null, remaining: 20 }),
        at(1, 6, track(10), { code: null, remaining: 20 }),
      ],
    },
    {
      name: 'a lost update that only a later read shows',
      history: [
        at(0, 5, track(10), { code: null }),
        at(1, 6, track(10), { code: null }),
        at(7, 8, READ, { usage: 10 }),
      ],
    },
    {
      name: 'a stale check: it does not see what was acknowledged before it was sent',
      history: [
        at(0, 5, track(30), { code: null, remaining: 0 }),
        at(6, 7, CHECK, { allowed: true, remaining: 30 }),
      ],
    },
    {
      name: 'a check that goes back behind what an earlier one saw',
      history: [
        at(0, 20, track(30), { code: null }),
        at(1, 5, CHECK, { remaining: 0 }),
        at(6, 9, CHECK, { remaining: 30 }),
      ],
    },
    {
      name: 'a double capture',
      history: [
        at(0, 1, RESERVE, reserved),
        at(2, 9, CAPTURE, captured),
        at(3, 8, CAPTURE, captured),
      ],
    },
    {
      name: 'a capture of what has expired',
      history: [
        at(0, 1, RESERVE, reserved),
        at(2, 3, { verb: 'pass', instant: FAR }, {}),
        at(4, 5, CAPTURE, captured),
      ],
    },
    {
      name: 'a retry that does the work twice',
      history: [
        at(0, null, track(3, 'key'), {}),
        at(5, 6, track(3, 'key'), { code: null, replayed: false, usage: 6 }),
      ],
    },
    {
      name: 'an acknowledged call that is lost',
      history: [at(0, 1, track(3, 'key'), { code: null }), at(5, 6, READ, { usage: 0 })],
    },
    {
      name: 'a refusal although there is enough',
      history: [at(0, 1, track(3), { code: 'INSUFFICIENT_BALANCE' })],
    },
  ])('$name', ({ history }) => {
    expect(verdictOf(history)).toMatchObject({ verdict: 'VIOLATION' });
  });

  it.each([
    {
      name: 'calls at once, in either order',
      history: [
        at(0, 9, track(10), { code: null, remaining: 10 }),
        at(1, 8, track(10), { code: null, remaining: 20 }),
      ],
    },
    {
      name: 'a check that is in progress while usage is committed',
      history: [
        at(0, 5, track(30), { code: null, remaining: 0 }),
        at(4, 7, CHECK, { allowed: true, remaining: 30 }),
      ],
    },
    {
      name: 'a call without an answer that has taken effect, with a retry that says so',
      history: [
        at(0, null, track(3, 'key'), {}),
        at(5, 6, READ, { usage: 0 }),
        at(7, 8, track(3, 'key'), { code: null, replayed: true, usage: 3 }),
      ],
    },
    {
      name: 'a read to which a reservation has expired that is captured by a call in flight',
      history: [
        at(0, 1, RESERVE, reserved),
        at(2, 9, CAPTURE, captured),
        at(3, 4, { verb: 'read', until: FAR + 1 }, { reserved: 0, usage: 0 }),
        at(3, 8, { verb: 'pass', instant: FAR }, {}),
      ],
    },
  ])('but not in $name', ({ history }) => {
    expect(textOfVerdict(verdictOf(history))).toMatch(/^linearizable/);
  });

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
