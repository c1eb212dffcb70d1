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
import { customerScope } from './customer-key.js';
import { outcomeFromJson, outcomeToJson } from './outcome-json.js';
import type { CustomerScope, JsonObject, UsageEvent } from './store.js';
import { type Answer, done, refuse, type VerbContext } from './verb.js';
import type { Changes, Command, Decision, Facts } from './write/command.js';
import type { EventDraft } from './write/write-path.js';

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
  return ctx.commands.submit(new TrackCommand(ctx.caller.projectId, input));
}

/** What the command stores under its key, amounts marked: either what it did or what was missing. */
type Outcome = Done | { readonly missing: readonly Shortfall[] };

interface Done {
  readonly event: Pick<EventDraft, 'tail' | 'occurredAt'>;
  readonly tracked: Tracked;
}

/** Beyond its properties, an event is about this large in a batch. */
const EVENT_BYTES = 1_000;

/** A class, like its decision, because there is one of each for every call. */
class TrackCommand implements Command<TrackBalance> {
  readonly scope: CustomerScope;
  readonly entityId: string | null;
  readonly idempotency: Command<TrackBalance>['idempotency'];
  readonly turnsAt: Instant | null;
  readonly bytes: number;
  readonly structural = false;
  readonly input: TrackBalanceInput;
  readonly properties: string | null;

  constructor(projectId: string, input: TrackBalanceInput) {
    const { properties, timestamp } = input;
    this.input = input;
    this.scope = customerScope(projectId, input.customerId);
    this.entityId = input.entityId;
    this.idempotency = idempotencyOf(input);
    this.turnsAt = timestamp === null ? null : timestamp - CLOCK_SKEW_MAX_MS;
    this.properties = properties === null ? null : JSON.stringify(properties);
    this.bytes = EVENT_BYTES + (this.properties?.length ?? 0);
  }

  refuse({ account, catalog, now }: Facts): Refusal | null {
    return refuseUnknown(account, catalog, this.input, now);
  }

  decide(account: Account, { catalog, now }: Facts): Decision<TrackBalance> {
    const decided = track(account, catalog, this.input, now);
    if (!decided.ok) {
      const missing = 'missing' in decided.refusal ? decided.refusal.missing : [];
      return new TrackDecision(this, null, { missing });
    }
    const event = eventOf(this.input, this.properties, decided.tracked);
    const { account: after, entries } = decided;
    const changes = { account: after, entries, event, newBalances: [], entity: null };
    return new TrackDecision(this, changes, { event, tracked: decided.tracked });
  }

  replay(json: unknown, recordedAt: Instant): Answer<TrackBalance> {
    return this.answer(storedOutcome(json), recordedAt, true);
  }

  answer(outcome: Outcome, recordedAt: Instant, replayed: boolean): Answer<TrackBalance> {
    return 'missing' in outcome
      ? refuse<TrackBalance>(insufficientBalance(outcome.missing, replayed))
      : done(answerOf(this.scope, this.input, outcome, recordedAt, replayed));
  }
}

class TrackDecision implements Decision<TrackBalance> {
  readonly changes: Changes | null;
  readonly #command: TrackCommand;
  readonly #outcome: Outcome;

  constructor(command: TrackCommand, changes: Changes | null, outcome: Outcome) {
    this.#command = command;
    this.changes = changes;
    this.#outcome = outcome;
  }

  outcome(): string {
    if ('missing' in this.#outcome) return outcomeToJson(this.#outcome);
    const { event, tracked } = this.#outcome;
    const { tail, occurredAt } = event;
    return outcomeToJson({ event: { tail, occurredAt }, tracked });
  }

  answer(recordedAt: Instant): Answer<TrackBalance> {
    return this.#command.answer(this.#outcome, recordedAt, false);
  }
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
    outcome: `{"deductions":${json(deductions)},"unapplied":${json(unapplied)}}`,
  };
}

function json(parts: readonly (Deduction | Shortfall)[]): string {
  return parts.length === 0
    ? '[]'
    : JSON.stringify(parts.map((part) => ({ ...part, amount: quantityToText(part.amount) })));
}

function answerOf(
  scope: CustomerScope,
  input: TrackBalanceInput,
  { event, tracked }: Done,
  recordedAt: Instant,
  replayed: boolean,
): TrackBalance {
  const occurredAt = event.occurredAt ?? recordedAt;
  return {
    balances: tracked.balances,
    balance: tracked.balance,
    deductions: tracked.deductions,
    unapplied: tracked.unapplied,
    scope,
    customerId: input.customerId,
    value: input.value,
    replayed,
    event: {
      projectId: scope.projectId,
      customerKey: scope.customerKey,
      id: uuidOf(occurredAt, event.tail),
      entityId: input.entityId,
      featureId: input.featureId,
      eventName: input.eventName,
      value: input.value,
      properties: input.properties,
      occurredAt,
      recordedAt,
      idempotencyKey: input.idempotencyKey,
      outcome: tracked,
    },
  };
}
