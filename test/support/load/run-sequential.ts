/** Plays a customer's calls one by one through two gateways, and against the model. */
import { expect } from 'vitest';
import { amendedOf, answerOf, voidedOf } from '../cases/over-http.js';
import type { Answer, PlainAmend, PlainGrant, PlainTrack } from '../cases/plain.js';
import { amendEvent } from '../client/amendments.js';
import { trackAll } from '../client/batches.js';
import type { Client } from '../client/client.js';
import { correct } from '../client/corrections.js';
import * as operations from '../client/operations.js';
import { voidEvent } from '../client/voids.js';
import { comparable } from '../model/compare.js';
import type { CustomerModel } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { Turn } from '../random/random-calls.js';
import { randomCorrection } from '../random/random-corrections.js';
import { askBefore } from './ask-before.js';
import { grantAgain, OWN, ownNamed } from './grant-again.js';
import { holdTurn } from './hold-turns.js';
import type { Tally } from './tally.js';
import { voidMany } from './void-many.js';

export interface Sequence {
  readonly clients: readonly [Client, Client];
  readonly customerId: string;
  readonly model: CustomerModel;
  /** The names of the grants, by the ids of their balances. */
  readonly names: Map<string, string>;
  /** The ids of its events, in the order in which they were recorded. */
  readonly eventIds: string[];
  readonly random: Random;
  readonly tally: Tally;
  /** The beginning of the test's messages. */
  readonly context: string;
}

/** Takes one turn through a random gateway and compares the answer with that of the model. */
export async function takeTurn(sequence: Sequence, turn: Turn, now: number): Promise<void> {
  const { clients, customerId, model, random, tally } = sequence;
  const client = random.pick(clients);
  if ('twice' in turn) return trackTwice(sequence, turn.twice, now);
  if ('batch' in turn) return trackBatch(sequence, turn.batch, now);
  if ('void' in turn) {
    const { inPlace } = turn;
    if (inPlace !== undefined) return amendOne(sequence, client, turn.void, inPlace, now);
    return voidOne(sequence, client, turn.void, now);
  }
  if ('voidMany' in turn) return voidMany(sequence, turn, now);
  if ('deleteEntity' in turn) {
    tally.count('entities');
    const refused = await operations.deleteEntity(client, customerId, turn.deleteEntity);
    if (refused === null) model.apply({ deleteEntity: turn.deleteEntity }, now);
    return;
  }
  if ('hold' in turn) return holdTurn(sequence, turn.hold, now);
  if ('correct' in turn) return correctOne(sequence, client, now);
  if ('createEntity' in turn.call) {
    tally.count('entities');
    const refused = await operations.createEntity(client, customerId, turn.call.createEntity);
    if (refused === null) model.apply(turn.call, now);
    return;
  }
  if ('grant' in turn.call) {
    await grantOne(sequence, client, ownNamed(turn.call.grant, random), now);
    return grantAgain(sequence, client, now);
  }
  if (!('track' in turn.call)) throw new Error('other calls are made up here');
  const { track } = turn.call;
  if (random.once(4)) await askBefore(sequence, track, now);
  const answer = await operations.track(client, customerId, track);
  tally.answered(answer);
  const expected = model.apply(turn.call, recordedAt(answer) ?? now);
  expectAnswer(sequence, turn, expected, answer);
}

/** Undoes an event, which may have been undone before. */
async function voidOne(
  { eventIds, model, names, tally, context }: Sequence,
  client: Client,
  back: number,
  now: number,
): Promise<void> {
  const index = eventIds.length - 1 - back;
  const id = eventIds[index];
  if (id === undefined) return;
  const answer = await voidEvent(client, id);
  tally.count('voids');
  if ('replayed' in answer && answer.replayed) tally.count('voids repeated');
  const voidedAt = 'event' in answer && answer.event.voidedAt;
  const expected = model.voidEvent(index, voidedAt ? Date.parse(voidedAt) : now);
  if (Object.keys(expected.notReversed).length > 0) tally.count('voids in part');
  expect(comparable(voidedOf(answer, names)), `${context}: void of event ${index}`).toEqual(
    comparable(expected),
  );
}

/** Lets another event take the place of one, unless that has been undone before. */
async function amendOne(
  { eventIds, model, names, tally, context }: Sequence,
  client: Client,
  back: number,
  inPlace: Omit<PlainAmend, 'event'>,
  now: number,
): Promise<void> {
  const event = eventIds.length - 1 - back;
  const id = eventIds[event];
  if (id === undefined) return;
  const answer = await amendEvent(client, id, inPlace);
  const done = 'code' in answer ? null : answer;
  tally.count(done === null ? 'amendments refused' : 'amendments');
  const at = done === null ? now : Date.parse(done.event.recordedAt);
  const expected = model.apply({ amend: { event, ...inPlace } }, at);
  const message = `${context}: amendment of event ${event} ${JSON.stringify(inPlace)}`;
  expect(comparable(amendedOf(answer, names)), message).toEqual(comparable(expected));
  if (done !== null && !done.replayed) eventIds.push(done.event.id);
}

async function grantOne(
  { customerId, model, names, tally, context }: Sequence,
  client: Client,
  grant: PlainGrant,
  now: number,
): Promise<void> {
  const granted = await operations.grant(client, customerId, grant);
  tally.granted(granted);
  const message = `${context}: ${JSON.stringify(grant)}`;
  if (!('balance' in granted)) {
    if (granted.code !== 'FEATURE_ARCHIVED') return;
    tally.count('grants of archived features');
    expect(model.apply({ grant }, now), message).toMatchObject({ code: granted.code });
    return;
  }
  const { id } = granted.balance;
  const createdAt = Date.parse(granted.balance.createdAt);
  names.set(id, grant.name);
  const made = { id: operations.rowIdOf(id), createdAt };
  expect(model.apply({ grant }, createdAt, made), message).toBeNull();
}

/** What is refused changes nothing, neither in the database nor in the model. */
async function correctOne(sequence: Sequence, client: Client, now: number): Promise<void> {
  const { customerId, model, names, random, tally } = sequence;
  const [first, ...others] = new Set(names.values());
  if (first === undefined) return;
  const name = random.pick([first, ...others]);
  const byBalanceId = name.startsWith(OWN) && random.once(2);
  const call = randomCorrection({ name, byBalanceId }, random, now);
  const changedAt = await correct(client, customerId, call, names);
  tally.count(typeof changedAt === 'number' ? 'corrections' : 'corrections refused');
  // The boundaries of periods depend on when it was decided.
  if (typeof changedAt === 'number') model.apply(call, changedAt);
  else expect(['INVALID_INPUT', 'BALANCE_NOT_FOUND'], changedAt.message).toContain(changedAt.code);
}

/** Of two equal concurrent calls, one is the first and the other its replay. */
async function trackTwice(sequence: Sequence, track: PlainTrack, now: number): Promise<void> {
  const { clients, customerId, model, tally } = sequence;
  const answers = await Promise.all(
    clients.map((client) => operations.track(client, customerId, track)),
  );
  for (const answer of answers) tally.answered(answer);
  const first = answers.find(({ replayed }) => replayed !== true) ?? answers[0];
  const second = answers.find((answer) => answer !== first);
  for (const answer of [first, second]) {
    if (answer === undefined) throw new Error('two calls have two answers');
    const expected = model.apply({ track }, recordedAt(answer) ?? now);
    expectAnswer(sequence, { twice: track }, expected, answer);
  }
}

/** The items of a batch are equivalent to calls one by one. */
async function trackBatch(
  sequence: Sequence,
  batch: readonly PlainTrack[],
  now: number,
): Promise<void> {
  const { clients, customerId, model, random, tally } = sequence;
  const inputs = batch.map((track) => ({ customerId, ...track }));
  const answers = await trackAll(random.pick(clients), inputs);
  tally.count('batches');
  for (const [index, answer] of answers.entries()) {
    const track = batch[index] ?? {};
    tally.answered(answer);
    const expected = model.apply({ track }, recordedAt(answer) ?? now);
    expectAnswer(sequence, { call: { track } }, expected, answer);
  }
}

/** The answer is the model's, and what it records can be undone later. */
export function expectAnswer(
  { names, eventIds, context }: Sequence,
  turn: Turn,
  expected: Answer | null,
  answer: operations.Tracked,
): void {
  const message = `${context}: ${JSON.stringify(turn)}`;
  if (expected === null) throw new Error(`${message}: a usage event has an answer`);
  expect(comparable(answerOf(answer, names)), message).toEqual(comparable(expected));
  if (operations.wasTracked(answer) && !answer.replayed) eventIds.push(answer.event.id);
}

/** The database's clock when the call was executed; null if it was not. */
export function recordedAt(answer: operations.Tracked): number | null {
  return operations.wasTracked(answer) ? Date.parse(answer.event.recordedAt) : null;
}
