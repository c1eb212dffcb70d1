/** Plays a case against anything that tracks: the domain, the model, a gateway over HTTP. */
import { expect } from 'vitest';
import { type Outcome, outcomeOf } from '../client/explaining.js';
import { amountOf, sum, textOf } from '../model/numbers.js';
import {
  type Amounts,
  type Case,
  CUSTOMER,
  type Expected,
  type ExpectedAnswer,
  type ExpectedAnswers,
  type ExpectedEvents,
  type ExpectedViews,
  type Step,
} from './case.js';
import {
  type Answer,
  holdCallOf,
  type PlainCall,
  type PlainTrack,
  type PlainVoidAll,
  type PlainVoided,
  type PlainVoidedAll,
  type View,
} from './plain.js';

/** What a case is played against. It has the features of `CATALOGUE`, and no customers. */
export interface Subject {
  /** Sets the clock that decides calls; it may run on from there. */
  setClock(at: number): Promise<void>;
  /** Creates the customer if it does not exist. Null if nothing was tracked, and no grant refused. */
  apply(customer: string, call: PlainCall): Promise<Answer | null>;
  /** What would come of the usage, if the subject explains it. */
  foretell?(customer: string, track: PlainTrack): Promise<Outcome>;
  look(customer: string, featureId: string, entityId: string | null): Promise<View | null>;
  /** All of the customer's events in the order in which they were recorded. */
  events(customer: string): Promise<readonly PlainEvent[]>;
  /** Undoes the customer's event with this index in `events`. */
  voidEvent(customer: string, index: number): Promise<PlainVoided>;
  /** Undoes all of the customer's events that match. */
  voidAll(customer: string, call: PlainVoidAll): Promise<PlainVoidedAll>;
}

export interface PlainEvent {
  readonly value: string;
  readonly occurredAt: string;
  readonly isVoided: boolean;
}

export async function play(row: Case, subject: Subject): Promise<void> {
  const replays = new Map<string, Answer>();
  if (row.clock !== undefined) await subject.setClock(Date.parse(row.clock));
  for (const createEntity of row.entities ?? []) await subject.apply(CUSTOMER, { createEntity });
  for (const grant of row.grants) await subject.apply(CUSTOMER, { grant });
  for (const step of row.steps) {
    await act(step, subject, replays);
    await look(step.expect ?? {}, subject);
  }
}

async function act(step: Step, subject: Subject, first: Map<string, Answer>): Promise<void> {
  if ('look' in step) return;
  if ('clock' in step) return subject.setClock(Date.parse(step.clock));
  if ('void' in step) {
    const { replayed = false, reversed, notReversed = {} } = step.expect?.voided ?? {};
    const voided = await subject.voidEvent(CUSTOMER, step.void);
    expect(voided.replayed).toBe(replayed);
    if (reversed !== undefined) expect(voided.reversed).toEqual(texts(reversed));
    expect(voided.notReversed).toEqual(texts(notReversed));
    return;
  }
  if ('voidAll' in step) {
    const { voided = 0, alreadyVoided = 0, ...sums } = step.expect?.voidedAll ?? {};
    const { reversed = {}, reversedBefore = {}, notReversed = {} } = sums;
    expect(await subject.voidAll(CUSTOMER, step.voidAll)).toEqual({
      voided,
      alreadyVoided,
      reversed: texts(reversed),
      reversedBefore: texts(reversedBefore),
      notReversed: texts(notReversed),
    });
    return;
  }
  if ('atOnce' in step || 'holdAtOnce' in step) {
    const sent = 'atOnce' in step ? step.atOnce.map((track) => ({ track })) : step.holdAtOnce;
    const calls = sent.map((call) => subject.apply(CUSTOMER, call));
    return checkAnswers(await Promise.all(calls), step.expect?.answers);
  }
  const customer = 'customer' in step ? (step.customer ?? CUSTOMER) : CUSTOMER;
  const foretold = 'track' in step ? await subject.foretell?.(customer, step.track) : undefined;
  const answer = await subject.apply(customer, step);
  if ('grant' in step) {
    expect(answer?.ok === false ? answer.code : undefined).toBe(step.expect?.answer?.refused);
    return;
  }
  const hold = holdCallOf(step);
  if (!('track' in step || 'amend' in step) && hold === null) return;

  const outcome = answer === null ? null : outcomeOf(answer);
  if (foretold !== undefined && outcome !== null) expect(foretold).toEqual(outcome);
  checkAnswer(answer, step.expect?.answer ?? {});
  const key = `${customer} ${keyOf(step)}`;
  const earlier = first.get(key);
  if (answer?.replayed) expect(answer).toEqual({ ...earlier, replayed: true });
  else if (answer !== null && earlier === undefined) first.set(key, answer);
}

/** What makes a call the repetition of another; undefined for none. */
function keyOf(call: PlainCall): string | undefined {
  if ('track' in call) return call.track.idempotencyKey;
  if ('amend' in call) return call.amend.idempotencyKey;
  if ('reserve' in call) return call.reserve.reservationId;
  if ('capture' in call) return call.capture.idempotencyKey;
  if ('extend' in call) return call.extend.idempotencyKey;
  return 'release' in call ? call.release.idempotencyKey : undefined;
}

function checkAnswer(answer: Answer | null, expected: ExpectedAnswer): void {
  const { refused, replayed = false, missing, field, balance, deducted, unapplied } = expected;
  expect(answer).toMatchObject({ ok: refused === undefined, replayed });
  if (answer?.ok === false) {
    expect(answer.code).toBe(refused);
    if (missing !== undefined) expect(byFeature(answer.missing)).toEqual(texts(missing));
    if (field !== undefined) expect(answer.field).toBe(field);
    if (expected.ended !== undefined) expect(answer.ended).toMatchObject(asTexts(expected.ended));
  }
  if (answer?.ok !== true) return;
  for (const view of answer.balances) checkSums(view);
  if (balance !== undefined) expect(answer.balance).toBe(balance);
  if (expected.features !== undefined) {
    expect(answer.balances.map(({ featureId }) => featureId)).toEqual(expected.features);
  }
  if (deducted !== undefined) {
    const taken = answer.deductions.map(({ grant, amount }) => [grant, amount]);
    expect(Object.fromEntries(taken)).toEqual(texts(deducted));
  }
  const { reservation } = expected;
  if (reservation !== undefined) expect(answer.reservation).toMatchObject(asTexts(reservation));
  if (unapplied !== undefined) expect(byFeature(answer.unapplied)).toEqual(texts(unapplied));
  if (answer.undone === undefined) return;
  const { reversed, notReversed = {} } = expected.undone ?? {};
  if (reversed !== undefined) expect(answer.undone.reversed).toEqual(texts(reversed));
  expect(answer.undone.notReversed).toEqual(texts(notReversed));
}

function checkAnswers(answers: readonly (Answer | null)[], expected?: ExpectedAnswers): void {
  const accepted = answers.filter((answer) => answer !== null).filter((answer) => answer.ok);
  expect(accepted.length).toBe(expected?.accepted ?? answers.length);
  expect(answers.length - accepted.length).toBe(expected?.refused ?? 0);
  if (expected?.unapplied === undefined) return;
  const unapplied = accepted.flatMap((answer) => answer.unapplied.map(({ amount }) => amount));
  expect(total(unapplied)).toBe(text(expected.unapplied));
}

async function look(expected: Expected, subject: Subject): Promise<void> {
  await checkViews(expected.balances, subject, CUSTOMER, null);
  for (const [entityId, views] of Object.entries(expected.entities ?? {})) {
    await checkViews(views, subject, CUSTOMER, entityId);
  }
  for (const [customer, views] of Object.entries(expected.customers ?? {})) {
    await checkViews(views, subject, customer, null);
  }
  if (expected.events !== undefined) {
    checkEvents(await subject.events(CUSTOMER), expected.events);
  }
}

function checkEvents(events: readonly PlainEvent[], expected: ExpectedEvents): void {
  expect(events.length).toBe(expected.count);
  if (expected.sum !== undefined) {
    const counting = events.filter(({ isVoided }) => !isVoided);
    expect(total(counting.map(({ value }) => value))).toBe(text(expected.sum));
  }
  if (expected.latestAt !== undefined) expect(events.at(-1)?.occurredAt).toBe(expected.latestAt);
}

async function checkViews(
  expected: ExpectedViews | undefined,
  subject: Subject,
  customer: string,
  entityId: string | null,
): Promise<void> {
  for (const [featureId, view] of Object.entries(expected ?? {})) {
    const seen = await subject.look(customer, featureId, entityId);
    if (seen !== null) checkSums(seen);
    const { breakdown = {}, order, ...totals } = view ?? {};
    if (view === null) expect(seen).toBeNull();
    else expect(seen).toMatchObject(asTexts(totals));
    if (order !== undefined) expect(seen?.breakdown.map(({ grant }) => grant)).toEqual(order);
    for (const [grant, balance] of Object.entries(breakdown)) {
      const part = seen?.breakdown.find((one) => one.grant === grant);
      const { rolledOver, ...amounts } = balance;
      expect(part, grant).toMatchObject(asTexts(amounts));
      if (rolledOver !== undefined) expect(part?.rolledOver).toEqual(rolledOver.map(text));
    }
  }
}

/** The totals are always the sums of the breakdown. */
function checkSums({ breakdown, ...view }: View): void {
  expect(total(breakdown.map(({ usage }) => usage))).toBe(view.usage);
  expect(total(breakdown.map(({ overage }) => overage))).toBe(view.overage);
  expect(total(breakdown.map(({ reserved }) => reserved))).toBe(view.reserved);
  if (view.unlimited) return;
  expect(total(breakdown.map(({ granted }) => granted))).toBe(view.granted);
  expect(total(breakdown.map(({ remaining }) => remaining))).toBe(view.remaining);
}

function byFeature(parts: readonly { featureId: string; amount: string }[]) {
  return Object.fromEntries(parts.map(({ featureId, amount }) => [featureId, amount]));
}

function texts(amounts: Amounts): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, text(amount)]));
}

/** The expected fields with amounts as in answers. */
function asTexts(fields: object): object {
  const entries = Object.entries(fields) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'number' ? text(value) : value]),
  );
}

function text(amount: number): string {
  return textOf(amountOf(amount));
}

function total(amounts: readonly string[]): string {
  return textOf(sum(amounts.map((amount) => amountOf(Number(amount)))));
}
