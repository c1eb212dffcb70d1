import type { Account } from '../domain/account.js';
import type { OverageBehavior } from '../domain/deduction.js';
import type { Catalog } from '../domain/feature.js';
import { canonicalJson } from '../domain/idempotency.js';
import type { Instant } from '../domain/interval.js';
import type { Quantity } from '../domain/quantity.js';
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
import { JsonText } from '../platform/json-text.js';
import { checkScopes } from './access/forbidden.js';
import { storedKeyOf } from './access/key-space.js';
import { refuseOther } from './access/only-customer.js';
import { scopeSet } from './access/scopes.js';
import { customerScope } from './customer-key.js';
import type { CustomerScope, JsonObject, UsageEvent } from './store.js';
import {
  type StoredTrackBalance,
  trackBalanceFromJson,
  trackBalanceToJson,
} from './stored/track-balance.js';
import { type Caller, done, type Result, refuse, type VerbContext } from './verb.js';
import {
  type Changes,
  Command,
  type Decision,
  type Facts,
  type Idempotency,
} from './write/command.js';
import { entryDraft } from './write/entry-draft.js';
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

/** What a call did, what is left, and whether this is the result of an earlier call with the same key. */
export interface TrackBalance extends Tracked {
  readonly scope: CustomerScope;
  readonly customerId: string;
  readonly event: UsageEvent;
  readonly value: Quantity;
  readonly replayed: boolean;
}

/** Records a usage event and takes its value from the customer's balances, exactly once (R1 to R18). */
export function trackBalance(
  ctx: VerbContext,
  input: TrackBalanceInput,
): Promise<Result<TrackBalance>> {
  // Only the input says that it gives back.
  if (input.value < 0n) checkScopes(ctx.caller, REFUND);
  const refusal = refuseOther(ctx.caller, input);
  if (refusal !== null) return Promise.resolve(refuse(refusal));
  return ctx.writeQueue.submit(new TrackBalanceCommand(ctx.caller, input), ctx.execution);
}

const REFUND = [scopeSet(['track:refund'])];

/** Beyond its properties, an event is about this large in a batch. */
const EVENT_BYTES = 1_000;

/** A class, like its decision, because every call creates one of each. */
class TrackBalanceCommand extends Command<TrackBalance> {
  readonly scope: CustomerScope;
  readonly bytes: number;
  override readonly entityId: string | null;
  override readonly idempotency: Idempotency | null;
  override readonly decisionChangesAt: Instant | null;
  readonly input: TrackBalanceInput;
  readonly properties: JsonText | null;

  constructor(caller: Caller, input: TrackBalanceInput) {
    super();
    const { properties, timestamp } = input;
    this.input = input;
    this.scope = customerScope(caller.projectId, input.customerId);
    this.entityId = input.entityId;
    this.decisionChangesAt = timestamp === null ? null : timestamp - CLOCK_SKEW_MAX_MS;
    this.properties = properties === null ? null : JsonText.of(properties);
    this.idempotency = idempotencyOf(caller, input, this.properties);
    this.bytes = EVENT_BYTES + (this.properties?.text.length ?? 0);
  }

  /** Each feature that lists the event name is charged. */
  override passes(catalog: () => Catalog | undefined): number {
    const { eventName } = this.input;
    return eventName === null ? 1 : (catalog()?.byEventName.get(eventName)?.length ?? 1);
  }

  refuse({ account, catalog, now }: Facts): Refusal | null {
    return refuseUnknown(account, catalog, this.input, now);
  }

  decide(account: Account, { catalog, now }: Facts): Decision<TrackBalance> {
    const decided = track(account, catalog, this.input, now);
    if (!decided.ok) {
      const { refusal } = decided;
      return 'missing' in refusal
        ? new TrackBalanceDecision(this, null, { missing: refusal.missing, why: refusal.why })
        : { changes: null, storedResult: () => null, result: () => refuse(refusal) };
    }
    const event = eventOf(this, decided.tracked);
    const { account: after, entries } = decided;
    const rows = { events: [event], entries: entries.map((entry) => entryDraft(entry, event)) };
    const changes = { account: after, rows };
    return new TrackBalanceDecision(this, changes, { event: event.tail, tracked: decided.tracked });
  }

  replay(json: unknown, recordedAt: Instant): Result<TrackBalance> {
    return this.resultOf(trackBalanceFromJson(json, this.input), recordedAt, true);
  }

  resultOf(
    stored: StoredTrackBalance,
    recordedAt: Instant,
    replayed: boolean,
  ): Result<TrackBalance> {
    return 'missing' in stored
      ? refuse<TrackBalance>(insufficientBalance(stored.missing, 'track', stored.why, replayed))
      : done(trackBalanceOf(this, stored, recordedAt, replayed));
  }
}

class TrackBalanceDecision implements Decision<TrackBalance> {
  readonly changes: Changes | null;
  readonly #command: TrackBalanceCommand;
  readonly #stored: StoredTrackBalance;

  constructor(command: TrackBalanceCommand, changes: Changes | null, stored: StoredTrackBalance) {
    this.#command = command;
    this.changes = changes;
    this.#stored = stored;
  }

  storedResult(): string {
    return trackBalanceToJson(this.#stored);
  }

  result(recordedAt: Instant): Result<TrackBalance> {
    return this.#command.resultOf(this.#stored, recordedAt, false);
  }
}

function idempotencyOf(
  caller: Caller,
  input: TrackBalanceInput,
  properties: JsonText | null,
): Idempotency | null {
  const { idempotencyKey: given } = input;
  if (given === null) return null;
  const digest =
    properties === null ? null : sha256Hex(canonicalJson(input.properties, properties.text));
  return { given, key: storedKeyOf(caller, given), fingerprint: trackFingerprint(input, digest) };
}

function eventOf(
  { input, properties }: TrackBalanceCommand,
  { deductions, unapplied }: Tracked,
): EventDraft {
  return {
    tail: uuidTail(),
    occurredAt: input.timestamp,
    entityId: input.entityId,
    featureId: input.featureId,
    eventName: input.eventName,
    value: input.value,
    properties: properties?.text ?? null,
    idempotencyKey: input.idempotencyKey,
    outcome: { deductions, unapplied },
  };
}

function trackBalanceOf(
  { scope, input, properties }: TrackBalanceCommand,
  { event, tracked }: Exclude<StoredTrackBalance, { missing: unknown }>,
  recordedAt: Instant,
  replayed: boolean,
): TrackBalance {
  const occurredAt = input.timestamp ?? recordedAt;
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
      id: uuidOf(occurredAt, event),
      entityId: input.entityId,
      featureId: input.featureId,
      eventName: input.eventName,
      value: input.value,
      properties,
      occurredAt,
      recordedAt,
      idempotencyKey: input.idempotencyKey,
      outcome: tracked,
      voided: null,
      amendsId: null,
    },
  };
}
