/** Random calls about reservations, one by one, in batches or twice at once, compared with the model. */
import { expect } from 'vitest';
import { heldOf } from '../cases/over-http.js';
import type {
  Answer,
  PlainCapture,
  PlainExtend,
  PlainHoldCall,
  PlainReserve,
} from '../cases/plain.js';
import { callHold, callHolds, type HoldAnswer } from '../client/hold-calls.js';
import { comparable } from '../model/compare.js';
import { ENTITY_IDS, WILD_CATALOGUE } from '../random/arbitraries.js';
import type { Random } from '../random/random.js';
import type { HoldTurn } from '../random/random-calls.js';
import type { Sequence } from './run-sequential.js';

const HOUR_S = 3_600;

/** No round begins within minutes of the end of any of these, because a refused call does not say when it was decided. */
const LASTING_S = [10, 40, 120, 480].map((hours) => hours * HOUR_S) as [number, ...number[]];

const FEATURE_IDS = WILD_CATALOGUE.map(({ id }) => id) as [string, ...string[]];

/** Sends random calls about reservations of the customer, and compares the answers. */
export async function holdTurn(sequence: Sequence, how: HoldTurn, now: number): Promise<void> {
  const { clients, customerId, random, tally } = sequence;
  if (how === 'BATCH') {
    const calls = randomBatch(sequence, now);
    const answers = await callHolds(random.pick(clients), customerId, calls);
    for (const [index, answer] of answers.entries()) {
      expectHold(sequence, calls[index] ?? calls[0], answer, now);
    }
    tally.count('batches of holds');
    return;
  }
  const call = randomHoldCall(sequence, how, now);
  const sent = how === 'TWICE' ? [...clients] : [random.pick(clients)];
  const answers = await Promise.all(sent.map((client) => callHold(client, customerId, call)));
  for (const answer of answers.toSorted(inOrderOf)) expectHold(sequence, call, answer, now);
}

function expectHold(
  { eventIds, model, names, tally, context }: Sequence,
  call: PlainHoldCall,
  answer: HoldAnswer,
  now: number,
): void {
  const expected = model.apply(call, decidedAt(call, answer) ?? now);
  const message = `${context}: ${JSON.stringify(call)}`;
  if (expected === null) throw new Error(`${message}: such a call has an answer`);
  expect(shown(heldOf(answer, names)), message).toEqual(shown(expected));
  if ('reservation' in answer && !answer.replayed && answer.event) eventIds.push(answer.event.id);
  const verb = verbOf(call);
  tally.count('holds');
  tally.count(expected.replayed ? `${verb} replayed` : expected.ok ? verb : `${verb} refused`);
}

function verbOf(call: PlainHoldCall): string {
  return Object.keys(call)[0] ?? '';
}

/** Not when it was released: its entity may have been deleted, which does not say when. */
function shown(answer: Answer): unknown {
  if (answer.ok || answer.ended?.how !== 'RELEASED') return comparable(answer);
  return comparable({ ...answer, ended: { ...answer.ended, at: '' } });
}

/** Of two answers to the same call, the one that was given first has the lower numbers. */
function placeOf(answer: HoldAnswer): number[] {
  if (!('reservation' in answer)) return [Number(answer.replayed ?? false), 1];
  const { used, expiresAt } = answer.reservation;
  // What the first one has captured, the second one can no longer capture.
  const isEmpty = answer.event === null;
  return [Number(answer.replayed), 0, used, Number(isEmpty), Date.parse(expiresAt)];
}

function inOrderOf(a: HoldAnswer, b: HoldAnswer): number {
  const [first, second] = [placeOf(a), placeOf(b)];
  const index = first.findIndex((number, at) => number !== second[at]);
  return (first[index] ?? 0) - (second[index] ?? 0);
}

/** Those of which something is held, so that most reservations find something. */
function usedFeatures({ model }: Sequence, now: number): [string, ...string[]] {
  const [first = 'messages', ...others] = new Set(
    model.holdings(now).map(({ grant }) => grant.featureId),
  );
  return [first, ...others];
}

/** Some calls of one verb. */
function randomBatch(sequence: Sequence, now: number): [PlainHoldCall, ...PlainHoldCall[]] {
  const first = randomHoldCall(sequence, 'BATCH', now);
  const others = Array.from({ length: 8 }, (_, n) => randomHoldCall(sequence, 'BATCH', now, n + 1));
  return [first, ...others.filter((call) => verbOf(call) === verbOf(first))];
}

/** `place`: that of a new reservation among the new ones. */
function randomHoldCall(sequence: Sequence, how: HoldTurn, now: number, place = 0): PlainHoldCall {
  const { model, random } = sequence;
  const holds = model.holds(now);
  const ids = holds.map(({ id }) => id);
  const [first, ...others] = ids;
  if (first === undefined || random.once(2)) {
    const next = `r${ids.length + 6 + place}`;
    return { reserve: randomReserve(next, usedFeatures(sequence, now), random) };
  }
  // Mostly one that has not ended.
  const live = holds.filter(({ ended }) => ended === null).map(({ id }) => id);
  const [one = first, ...more] = random.once(6) ? others : live;
  const reservationId = random.pick([one, ...more]);
  // Of two without a key, the answers do not always say which was first.
  const key =
    how !== 'TWICE' && random.once(2) ? {} : { idempotencyKey: `of holds ${random.whole(1, 40)}` };
  const which = { reservationId, ...key };
  if (random.once(5)) return { release: which };
  if (random.once(4)) return { extend: { ...which, ...lasting(random) } };
  return { capture: { ...which, ...randomCapture(random) } };
}

function randomReserve(
  next: string,
  features: [string, ...string[]],
  random: Random,
): PlainReserve {
  const reservationId = random.once(12) ? `r${random.whole(1, 5)}` : next;
  const what = random.once(5)
    ? { eventName: random.pick(['action-event', 'everything', 'twice']) }
    : { featureId: random.pick(random.once(4) ? FEATURE_IDS : features) };
  return {
    reservationId,
    ...what,
    ...(random.once(10) ? {} : { value: amount(random) }),
    ...(random.once(6) ? { entityId: random.pick(ENTITY_IDS) } : {}),
    ...(random.once(4) ? {} : { overageBehavior: random.pick(['CAP', 'CAP', 'CAP', 'OVERFLOW']) }),
    ...(random.once(4) ? { properties: { model: 'a' } } : {}),
    ...lasting(random),
  };
}

function randomCapture(random: Random): Omit<PlainCapture, 'reservationId'> {
  return {
    ...(random.once(3) ? {} : { value: amount(random) }),
    ...(random.once(3) ? { final: false } : {}),
    ...(random.once(2) ? {} : { overageBehavior: random.pick(['CAP', 'REJECT', 'OVERFLOW']) }),
  };
}

function lasting(random: Random): Pick<PlainExtend, 'expiresInSeconds'> {
  return { expiresInSeconds: random.pick(LASTING_S) };
}

function amount(random: Random): number {
  return random.whole(0, 300) / random.pick([1, 10, 100, 1_000]);
}

/** The database's clock when the call was executed; null if the answer does not say. */
function decidedAt(call: PlainHoldCall, answer: HoldAnswer): number | null {
  if (!('reservation' in answer) || answer.replayed) return null;
  const { createdAt, expiresAt, endedAt } = answer.reservation;
  if ('reserve' in call) return Date.parse(createdAt);
  if ('extend' in call) {
    return Date.parse(expiresAt) - (call.extend.expiresInSeconds ?? 0) * 1_000;
  }
  const at = endedAt ?? answer.event?.recordedAt;
  return at === undefined ? null : Date.parse(at);
}
