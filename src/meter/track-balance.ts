import type { Account } from '../domain/account.js';
import type { Deduction, OverageBehavior, Shortfall } from '../domain/deduction.js';
import { canonicalJson } from '../domain/idempotency.js';
import type { Instant } from '../domain/interval.js';
import { type Quantity, quantityToText } from '../domain/quantity.js';
import { insufficientBalance, type Refusal } from '../domain/refusal.js';
import {
  CLOCK_SKEW_MAX_MS,
  refuseUnknown,
  type Tracked,
  track,
  trackFingerprint,
} from '../domain/track.js';
import { sha256Hex } from '../platform/digest.js';
import { uuidOf, uuidTail } from '../platform/id.js';
import type { Command, Decision, Facts } from './command.js';
import { customerScope } from './customer-key.js';
import { outcomeFromJson, outcomeToJson } from './outcome-json.js';
import type { CustomerScope, EventDraft, JsonObject, UsageEvent } from './store.js';
import { type Answer, done, refuse, type VerbContext } from './verb.js';

/** A call whose own rules have been checked: exactly one of feature and event name, sizes, forms. */
export interface TrackBalanceInput {
  readonly customerId: string;
  readonly featureId: string | null;
  readonly eventName: string | null;
  readonly value: Quantity;
  readonly properties: JsonObject | null;
  readonly idempotencyKey: string | null;
  readonly entityId: string | null;
  readonly timestamp: Instant | null;
  readonly overageBehavior: OverageBehavior;
}

/** What a call did, what is left, and whether this is the answer to an earlier call with the same key. */
export interface TrackBalance extends Tracked {
  readonly scope: CustomerScope;
  readonly customerId: string;
  readonly event: UsageEvent;
  readonly value: Quantity;
  readonly replayed: boolean;
}

/** Records a use and takes it from the customer's balances, exactly once (R1 to R18). */
export function trackBalance(
  ctx: VerbContext,
  input: TrackBalanceInput,
): Promise<Answer<TrackBalance>> {
  return ctx.commands.submit(trackCommand(ctx.caller.projectId, input));
}

/** What the command stores under its key, amounts marked: either what it did or what was missing. */
type Outcome =
  | { readonly event: Pick<EventDraft, 'tail' | 'occurredAt'>; readonly tracked: Tracked }
  | { readonly missing: readonly Shortfall[] };

/** Beyond its properties, an event is about this large in a batch. */
const EVENT_BYTES = 1_000;

function trackCommand(projectId: string, input: TrackBalanceInput): Command<TrackBalance> {
  const scope = customerScope(projectId, input.customerId);
  const properties = input.properties === null ? null : JSON.stringify(input.properties);
  const answerTo = (outcome: Outcome, recordedAt: Instant, replayed: boolean) =>
    'missing' in outcome
      ? refuse<TrackBalance>(insufficientBalance(outcome.missing, replayed))
      : done(answerOf(scope, input, outcome, recordedAt, replayed));

  return {
    scope,
    entityId: input.entityId,
    idempotency: idempotencyOf(input),
    turnsAt: input.timestamp === null ? null : input.timestamp - CLOCK_SKEW_MAX_MS,
    bytes: EVENT_BYTES + (properties?.length ?? 0),
    structural: false,
    refuse: ({ account, catalog, now }) => refuseUnknown(account, catalog, input, now),
    decide: (account, facts) => decide(account, facts, input, properties, answerTo),
    replay: (json, recordedAt) => answerTo(storedOutcome(json), recordedAt, true),
  };
}

function decide(
  account: Account,
  { catalog, now }: Facts,
  input: TrackBalanceInput,
  properties: string | null,
  answerTo: (outcome: Outcome, recordedAt: Instant, replayed: boolean) => Answer<TrackBalance>,
): Decision<TrackBalance> {
  const decided = track(account, catalog, input, now);
  if (!decided.ok) return refusal(decided.refusal, answerTo);
  const event = eventOf(input, properties, decided.tracked);
  const outcome: Outcome = {
    event: { tail: event.tail, occurredAt: event.occurredAt },
    tracked: decided.tracked,
  };
  return {
    changes: {
      account: decided.account,
      entries: decided.entries,
      event,
      newBalances: [],
      entity: null,
    },
    outcome: () => outcomeToJson(outcome),
    answer: (recordedAt) => answerTo(outcome, recordedAt, false),
  };
}

function refusal(
  refused: Refusal,
  answerTo: (outcome: Outcome, recordedAt: Instant, replayed: boolean) => Answer<TrackBalance>,
): Decision<TrackBalance> {
  const outcome: Outcome = { missing: 'missing' in refused ? refused.missing : [] };
  return {
    changes: null,
    outcome: () => outcomeToJson(outcome),
    answer: (recordedAt) => answerTo(outcome, recordedAt, false),
  };
}

/** The JSON under a key whose fingerprint says `trackBalance` was written by this file. */
function storedOutcome(json: unknown): Outcome {
  return outcomeFromJson(json) as Outcome;
}

function idempotencyOf(input: TrackBalanceInput): Command<TrackBalance>['idempotency'] {
  if (input.idempotencyKey === null) return null;
  const digest = input.properties === null ? null : sha256Hex(canonicalJson(input.properties));
  return { key: input.idempotencyKey, fingerprint: trackFingerprint(input, digest) };
}

function eventOf(
  input: TrackBalanceInput,
  properties: string | null,
  { deductions, unapplied }: Tracked,
): EventDraft {
  return {
    tail: uuidTail(),
    occurredAt: input.timestamp,
    entityId: input.entityId,
    featureId: input.featureId,
    eventName: input.eventName,
    value: input.value,
    properties,
    idempotencyKey: input.idempotencyKey,
    outcome: JSON.stringify({
      deductions: deductions.map(withText),
      unapplied: unapplied.map(withText),
    }),
  };
}

function withText(part: Deduction | Shortfall): object {
  return { ...part, amount: quantityToText(part.amount) };
}

function answerOf(
  scope: CustomerScope,
  input: TrackBalanceInput,
  outcome: Extract<Outcome, { tracked: Tracked }>,
  recordedAt: Instant,
  replayed: boolean,
): TrackBalance {
  const { tracked, event } = outcome;
  const occurredAt = event.occurredAt ?? recordedAt;
  return {
    ...tracked,
    scope,
    customerId: input.customerId,
    value: input.value,
    replayed,
    event: {
      ...scope,
      id: uuidOf(occurredAt, event.tail),
      entityId: input.entityId,
      featureId: input.featureId,
      eventName: input.eventName,
      value: input.value,
      properties: input.properties,
      occurredAt,
      recordedAt,
      idempotencyKey: input.idempotencyKey,
      outcome: { deductions: tracked.deductions, unapplied: tracked.unapplied },
    },
  };
}
