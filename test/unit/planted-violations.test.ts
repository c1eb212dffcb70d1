/** Short histories with one mistake each, which the checker must find, and their like without it. */
import { describe, expect, it } from 'vitest';
import type { AccountCall } from '../support/linearizability/account-call.js';
import { at, track } from '../support/linearizability/by-hand.js';
import { judge } from '../support/linearizability/judgement.js';
import { textOfVerdict } from '../support/linearizability/verdict.js';

const FAR = Date.parse('2030-01-01T00:00:00.000Z');

const GRANTED = { granted: 30, overageLimit: 5 };

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
const VOID: AccountCall = { verb: 'void', of: 'key', idempotencyKey: null };
const HOLD: AccountCall = { verb: 'hold', reservationId: 'held', until: null };
const undone = { code: null, replayed: false, reversed: 3, notReversed: 0 };
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
      name: 'an event that is undone twice',
      history: [
        at(0, 1, track(3, 'key'), { code: null }),
        at(2, 9, VOID, undone),
        at(3, 8, VOID, undone),
      ],
    },
    {
      name: 'an event that is undone, and counts all the same',
      history: [
        at(0, 1, track(3, 'key'), { code: null }),
        at(2, 3, VOID, undone),
        at(4, 5, READ, { usage: 3 }),
      ],
    },
    {
      name: 'a reservation that ends in two ways',
      history: [
        at(0, 1, RESERVE, reserved),
        at(2, null, CAPTURE, {}),
        at(3, 4, HOLD, { status: 'CAPTURED', held: 0, used: 4 }),
        at(5, 6, HOLD, { status: 'RELEASED', held: 0 }),
      ],
    },
    {
      name: 'a refusal although there is enough',
      history: [at(0, 1, track(3), { code: 'INSUFFICIENT_BALANCE' })],
    },
  ])('$name', ({ history }) => {
    expect(judge(GRANTED, history)).toMatchObject({ verdict: 'VIOLATION' });
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
      name: 'an event that is undone while a call without an answer is using more',
      history: [
        at(0, 1, track(3, 'key'), { code: null }),
        at(2, null, track(4), {}),
        at(3, 5, VOID, undone),
        at(6, 7, READ, { usage: 4 }),
        at(8, 9, VOID, { ...undone, replayed: true }),
      ],
    },
    {
      name: 'a reservation that a call without an answer has captured',
      history: [
        at(0, 1, RESERVE, reserved),
        at(2, null, CAPTURE, {}),
        at(3, 4, HOLD, { status: 'CAPTURED', held: 0, used: 4 }),
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
    expect(textOfVerdict(judge(GRANTED, history))).toMatch(/^linearizable/);
  });
});
