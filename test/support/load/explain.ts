/**
 * Checks that the model gives every answer to a crowd's calls in the order in which the database
 * committed them.
 */
import { expect } from 'vitest';
import { answerOf } from '../cases/over-http.js';
import * as operations from '../client/operations.js';
import { comparable } from '../model/compare.js';
import type { CustomerModel } from '../model/model.js';
import { type Call, type Crowd, type GrantCall, namesOf, type TrackCall } from './crowd.js';
import type { Batch } from './ledger-order.js';
import { recordedAt } from './run-sequential.js';

/** Leaves the model in the state that the customer must have in the end. */
export function explain(
  crowd: Crowd,
  model: CustomerModel,
  batches: readonly Batch[],
  context: string,
): void {
  const names = namesOf(crowd);
  const order = orderOf(crowd, batches, context);
  expectNothingOvertaken(order, context);
  const compare = (call: TrackCall) => {
    const expected = answerOfModel(model, call);
    const message = `${context}: ${JSON.stringify(call.track)}`;
    expect(comparable(answerOf(call.answer, names)), message).toEqual(comparable(expected));
  };

  const refused = new Set(crowd.tracks.filter(isForWant));
  /** A refusal does not say when it was decided, so any possible place in the order will do. */
  const tryRefused = (place: number, { keys }: Batch) => {
    for (const call of refused) {
      const key = call.track.idempotencyKey;
      if (key === undefined ? !isPossible(call, order, place) : !keys.has(key)) continue;
      const expected = comparable(answerOfModel(model.clone(), call));
      if (!isSame(comparable(answerOf(call.answer, names)), expected)) continue;
      answerOfModel(model, call);
      refused.delete(call);
    }
  };
  let place = 0;
  for (const batch of batches) {
    tryRefused(place, batch);
    for (const call of order.slice(place, place + batch.ids.length)) {
      if ('track' in call) compare(call);
      else model.apply({ grant: call.grant }, call.createdAt, { ...call, id: call.rowId });
      place += 1;
      tryRefused(place, batch);
    }
  }
  const unexplained = [...refused].map(({ track, answer }) => ({ track, answer }));
  expect(unexplained, `${context}: refused without a reason`).toEqual([]);
  // The order does not matter for the others: replays, conflicts, and what is invalid or not found.
  for (const call of crowd.tracks) if (!isWritten(call) && !isForWant(call)) compare(call);
}

function answerOfModel(model: CustomerModel, { track, answer, now }: TrackCall) {
  const expected = model.apply({ track }, recordedAt(answer) ?? now);
  if (expected === null) throw new Error('a usage event has an answer');
  return expected;
}

/** Everything that was written, which must be exactly what was acknowledged. */
function orderOf(
  { tracks, grants }: Crowd,
  batches: readonly Batch[],
  context: string,
): (TrackCall | GrantCall)[] {
  const acknowledged = new Map<string, TrackCall | GrantCall>();
  for (const call of grants) acknowledged.set(call.rowId, call);
  for (const call of tracks.filter(isWritten)) {
    acknowledged.set(operations.rowIdOf(call.answer.event.id), call);
  }
  const written = batches.flatMap(({ ids }) => ids);
  expect(written.toSorted(), `${context}: written and acknowledged`).toEqual(
    [...acknowledged.keys()].sort(),
  );
  return written.flatMap((id) => acknowledged.get(id) ?? []);
}

type WrittenCall = TrackCall & { readonly answer: operations.TrackAccepted };

function isWritten(call: TrackCall): call is WrittenCall {
  return operations.wasTracked(call.answer) && !call.answer.replayed;
}

/** A first refusal, which depends on what the balances held. */
function isForWant({ answer }: TrackCall): boolean {
  if (operations.wasTracked(answer)) return false;
  return answer.code === 'INSUFFICIENT_BALANCE' && answer.replayed !== true;
}

/** After every call answered before this one was sent, and before every call sent after its answer. */
function isPossible(call: Call, order: readonly Call[], place: number): boolean {
  return (
    order.slice(place).every((later) => later.answeredAt >= call.sentAt) &&
    order.slice(0, place).every((earlier) => earlier.sentAt <= call.answeredAt)
  );
}

/** No call is executed before one that had been answered when it was sent. */
function expectNothingOvertaken(order: readonly Call[], context: string): void {
  let answeredFirst = Number.POSITIVE_INFINITY;
  for (const { sentAt, answeredAt } of order.toReversed()) {
    expect(sentAt, `${context}: overtaken`).toBeLessThanOrEqual(answeredFirst);
    answeredFirst = Math.min(answeredFirst, answeredAt);
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
