/** When there is room for one more request, on an injected clock. */
import { expect, it } from 'vitest';
import { createAdmission } from '../../src/http/admission.js';

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

function givenAdmission(requestsMax: number) {
  let now = 1_000;
  const admission = createAdmission({ requestsMax, monotonicMs: () => now });
  const isTaken = () => {
    if (admission.shouldShed()) return false;
    admission.begin();
    return true;
  };
  return {
    admission,
    pass: (ms: number) => {
      now += ms;
    },
    end: (count: number) => {
      for (let index = 0; index < count; index += 1) admission.end();
    },
    /** Sends this many requests; returns how many are admitted, which remain in flight. */
    taken: (count: number) => Array.from({ length: count }, isTaken).filter(Boolean).length,
    /** How many would be admitted if each were answered before the next one arrived. */
    takenOneByOne: (count: number) =>
      Array.from({ length: count }, () => admission.shouldShed()).filter((full) => !full).length,
  };
}

type Given = ReturnType<typeof givenAdmission>;

/** Keeps more requests in flight than the limit until that no longer counts as a burst. */
function flood({ taken, pass, end }: Given, requestsMax: number): void {
  expect(taken(requestsMax + 1)).toBe(requestsMax + 1);
  pass(501);
  end(1);
}

it('a burst may reach three times the limit', () => {
  const { taken, end } = givenAdmission(100);
  expect(taken(1_000)).toBe(300);
  end(10);
  expect(taken(1_000)).toBe(10);
});

it('once a burst has lasted for half a second, the limit applies', () => {
  const given = givenAdmission(100);
  expect(given.taken(101)).toBe(101);
  given.pass(500);
  expect(given.taken(1)).toBe(1);
  given.pass(1);
  expect(given.taken(1)).toBe(0);
  given.end(3);
  expect(given.taken(50)).toBe(1);
});

it('no new burst begins within a second of a crowded moment, even if all requests are answered in between', () => {
  const given = givenAdmission(100);
  flood(given, 100);
  for (let time = 0; time < 10; time += 1) {
    expect(given.taken(1_000)).toBe(time === 0 ? 0 : 100);
    given.end(100);
    given.pass(900);
  }
});

it('a new burst may begin after a second of rest', async () => {
  const given = givenAdmission(100);
  flood(given, 100);
  expect(given.taken(1)).toBe(0);
  given.end(100);
  given.pass(1_001);
  await aTurn();
  expect(given.taken(1_000)).toBe(300);
});

it('in a turn of the event loop, all requests are admitted for up to a second, then one in four', async () => {
  const { pass, takenOneByOne } = givenAdmission(1_000);
  expect(takenOneByOne(100)).toBe(100);
  pass(1_000);
  expect(takenOneByOne(100)).toBe(100);
  pass(1);
  expect(takenOneByOne(100)).toBe(25);
  await aTurn();
  expect(takenOneByOne(100)).toBe(100);
});

it('after a burst, all requests of a turn are admitted for up to 250 ms, then one in four', async () => {
  const given = givenAdmission(10);
  flood(given, 10);
  given.end(10);
  await aTurn();
  expect(given.takenOneByOne(100)).toBe(100);
  given.pass(250);
  expect(given.takenOneByOne(100)).toBe(100);
  given.pass(1);
  expect(given.takenOneByOne(100)).toBe(25);
});

it('a turn starts with its first request, not with the last one of the turn before', async () => {
  const { pass, takenOneByOne } = givenAdmission(1_000);
  expect(takenOneByOne(1)).toBe(1);
  await aTurn();
  pass(60_000);
  expect(takenOneByOne(100)).toBe(100);
});
