import type { Account } from '../domain/account.js';
import type { OverageBehavior } from '../domain/deduction.js';
import type { Catalog } from '../domain/feature.js';
import type { Instant } from '../domain/interval.js';
import type { Quantity } from '../domain/quantity.js';
import type { Refusal } from '../domain/refusal.js';
import { CLOCK_SKEW_MAX_MS, refuseUnknown, type Tracked, track } from '../domain/track.js';
import { uuidTail } from '../platform/id.js';
import type { JsonText } from '../platform/json-text.js';
import { customerScope } from './customer-key.js';
import type { CustomerScope, JsonObject } from './store.js';
import { type StoredTrackBalance, trackBalanceToJson } from './stored/track-balance.js';
import { type Result, refuse } from './verb.js';
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

/** What a command is made of, wherever the call has arrived. */
export interface TrackParts {
  readonly projectId: string;
  readonly input: TrackBalanceInput;
  /** The same as in the input. */
  readonly properties: JsonText | null;
  readonly idempotency: Idempotency | null;
  /** What makes the event's id, if it has been chosen by the gateway that has sent the command. */
  readonly tail?: string;
}

/** Beyond its properties, an event is about this large in a batch. */
const EVENT_BYTES = 1_000;

/** A class, like its decision, because every call creates one of each. What its result is, is left to who needs it. */
export abstract class TrackCommand<T> extends Command<T> {
  readonly scope: CustomerScope;
  readonly bytes: number;
  override readonly entityId: string | null;
  override readonly idempotency: Idempotency | null;
  override readonly decisionChangesAt: Instant | null;
  readonly input: TrackBalanceInput;
  readonly properties: JsonText | null;
  /** Null for a new one with each decision. */
  protected tail: string | null;

  constructor({ projectId, input, properties, idempotency, tail }: TrackParts) {
    super();
    const { timestamp } = input;
    this.input = input;
    this.scope = customerScope(projectId, input.customerId);
    this.entityId = input.entityId;
    this.decisionChangesAt = timestamp === null ? null : timestamp - CLOCK_SKEW_MAX_MS;
    this.properties = properties;
    this.tail = tail ?? null;
    this.idempotency = idempotency;
    this.bytes = EVENT_BYTES + (properties?.text.length ?? 0);
  }

  abstract resultOf(stored: StoredTrackBalance, recordedAt: Instant, replayed: boolean): Result<T>;

  /** Each feature that lists the event name is charged. */
  override passes(catalog: () => Catalog | undefined): number {
    const { eventName } = this.input;
    return eventName === null ? 1 : (catalog()?.byEventName.get(eventName)?.length ?? 1);
  }

  refuse({ account, catalog, now }: Facts): Refusal | null {
    return refuseUnknown(account, catalog, this.input, now);
  }

  decide(account: Account, { catalog, now }: Facts): Decision<T> {
    const decided = track(account, catalog, this.input, now);
    if (!decided.ok) {
      const { refusal } = decided;
      return 'missing' in refusal
        ? new TrackDecision(this, null, { missing: refusal.missing, why: refusal.why })
        : { changes: null, storedResult: () => null, result: () => refuse(refusal) };
    }
    const tail = this.tail ?? uuidTail();
    const event = eventOf(this.input, this.properties, decided.tracked, tail);
    const { account: after, entries } = decided;
    const rows = { events: [event], entries: entries.map((entry) => entryDraft(entry, event)) };
    const changes = { account: after, rows };
    return new TrackDecision(this, changes, { event: event.tail, tracked: decided.tracked });
  }
}

class TrackDecision<T> implements Decision<T> {
  readonly changes: Changes | null;
  readonly #command: TrackCommand<T>;
  readonly #stored: StoredTrackBalance;

  constructor(command: TrackCommand<T>, changes: Changes | null, stored: StoredTrackBalance) {
    this.#command = command;
    this.changes = changes;
    this.#stored = stored;
  }

  storedResult(): string {
    return trackBalanceToJson(this.#stored);
  }

  result(recordedAt: Instant): Result<T> {
    return this.#command.resultOf(this.#stored, recordedAt, false);
  }
}

function eventOf(
  input: TrackBalanceInput,
  properties: JsonText | null,
  { deductions, unapplied }: Tracked,
  tail: string,
): EventDraft {
  return {
    tail,
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
