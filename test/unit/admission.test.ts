/** When there is room for one more request, told by the clock that it is given. */
import { expect, it } from 'vitest';
import { createAdmission } from '../../src/http/admission.js';

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

function givenAdmission(requestsMax: number) {
  let now = 1_000;
  const admission = createAdmission({ requestsMax, monotonicMs: () => now });
  return {
    admission,
    pass: (ms: number) => {
      now += ms;
    },
    /** How many of so many requests are taken. */
    taken: (count: number) =>
      Array.from({ length: count }, admission.isFull).filter((full) => !full).length,
  };
}

it('is full while as many requests are executed as may be', () => {
  const { admission } = givenAdmission(2);
  admission.begin();
  expect(admission.isFull()).toBe(false);
  admission.begin();
  expect(admission.isFull()).toBe(true);
  admission.end();
  expect(admission.isFull()).toBe(false);
});

it('takes all requests of a turn of up to 250 ms, and one in four of the rest', async () => {
  const { pass, taken } = givenAdmission(1_000);
  expect(taken(100)).toBe(100);
  pass(250);
  expect(taken(100)).toBe(100);
  pass(1);
  expect(taken(100)).toBe(25);
  await aTurn();
  expect(taken(100)).toBe(100);
});

it('counts a turn from its first request, not from the last one of the turn before', async () => {
  const { pass, taken } = givenAdmission(1_000);
  expect(taken(1)).toBe(1);
  await aTurn();
  pass(60_000);
  expect(taken(100)).toBe(100);
});

it('takes nothing beyond the most in a long turn either', () => {
  const { admission, pass, taken } = givenAdmission(1);
  expect(taken(1)).toBe(1);
  admission.begin();
  pass(251);
  expect(taken(8)).toBe(0);
});
