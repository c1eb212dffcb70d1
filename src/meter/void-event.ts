import type { Account } from '../domain/account.js';
import { BrokenInvariantError } from '../domain/assert.js';
import type { Instant } from '../domain/interval.js';
import { type NotFound, notFound, type Refusal } from '../domain/refusal.js';
import { tooMuchToTakeAgain } from '../domain/too-much.js';
import type { Reversal } from '../domain/void.js';
import type { CustomerScope, UsageEvent } from './store.js';
import { undoEvent } from './undo-event.js';
import { done, type Result, refuse, type VerbContext } from './verb.js';
import {
  Command,
  type Decision,
  type Facts,
  type Idempotency,
  type KnownEvent,
} from './write/command.js';

export interface VoidEventInput {
  readonly customerKey: string;
  /** The id of its row. */
  readonly eventId: string;
  /** As the caller knows it. */
  readonly globalId: string;
  readonly reason: string | null;
  readonly actor: string | null;
  readonly idempotencyKey: string | null;
}

export interface VoidedEvent {
  readonly scope: CustomerScope;
  readonly customerId: string;
  /** As it is from now on. */
  readonly event: UsageEvent;
  readonly reversal: Reversal;
  readonly replayed: boolean;
}

/** Undoes a usage event, as far as that is possible, once (R34). A repetition is answered with what the first call has done. */
export function voidEvent(ctx: VerbContext, input: VoidEventInput): Promise<Result<VoidedEvent>> {
  return ctx.writeQueue.submit(new VoidEventCommand(ctx.caller.projectId, input), ctx.execution);
}

/** The event that a command names, and has found. */
export function knownEvent({ events }: Facts, eventId: string): KnownEvent {
  const known = events.get(eventId);
  if (known === undefined) throw new BrokenInvariantError('an event that was not found is refused');
  return known;
}

/** Null if it exists. */
export function refuseUnknownEvent(
  { account, events }: Facts,
  { eventId, globalId }: Pick<VoidEventInput, 'eventId' | 'globalId'>,
): NotFound | null {
  return account !== null && events.has(eventId) ? null : notFound('EVENT_NOT_FOUND', globalId);
}

/** Besides what is read of the event. */
export const VOID_BYTES = 1_000;

class VoidEventCommand extends Command<VoidedEvent> {
  readonly scope: CustomerScope;
  readonly bytes = VOID_BYTES;
  override readonly eventIds: readonly string[];
  override readonly idempotency: Idempotency | null;
  readonly #input: VoidEventInput;

  constructor(projectId: string, input: VoidEventInput) {
    super();
    const { customerKey, eventId, reason, actor, idempotencyKey: key } = input;
    this.#input = input;
    this.scope = { projectId, customerKey };
    this.eventIds = [eventId];
    const fingerprint = { operation: 'voidEvent', eventId, reason, actor };
    this.idempotency = key === null ? null : { key, fingerprint };
  }

  refuse(facts: Facts): Refusal | null {
    return refuseUnknownEvent(facts, this.#input);
  }

  decide(account: Account, facts: Facts): Decision<VoidedEvent> {
    const known = knownEvent(facts, this.#input.eventId);
    const undone = undoEvent(account, known, this.#input, facts.now);
    if (undone.is === 'UNDONE_BEFORE') return this.#again(account, known);
    if (undone.is === 'TOO_MUCH') {
      const refusal = tooMuchToTakeAgain(this.#input.globalId, undone.overfull);
      return { changes: null, storedResult: () => null, result: () => refuse(refusal) };
    }
    const { voiding, entries } = undone;
    const { event } = known;
    return {
      changes: { account: undone.account, rows: { notedEntries: entries, eventVoids: [voiding] } },
      storedResult: storedMark,
      result: (voidedAt) => done(this.#resultOf(account, { event, voiding }, voidedAt, false)),
    };
  }

  replay(_stored: unknown, recordedAt: Instant, facts: Facts): Result<VoidedEvent> {
    const { account } = facts;
    if (account === null) throw new BrokenInvariantError('an event has a customer');
    return done(this.#resultOf(account, knownEvent(facts, this.#input.eventId), recordedAt, true));
  }

  /** What has been undone is not undone again; the answer is that of the first time. */
  #again(account: Account, known: KnownEvent): Decision<VoidedEvent> {
    return {
      changes: null,
      storedResult: storedMark,
      result: (recordedAt) => done(this.#resultOf(account, known, recordedAt, true)),
    };
  }

  #resultOf(
    { customerId }: Account,
    { event, voiding }: KnownEvent,
    recordedAt: Instant,
    replayed: boolean,
  ): VoidedEvent {
    const voided = event.voided ?? (voiding && { ...voiding, voidedAt: recordedAt });
    if (voided === null) throw new BrokenInvariantError('the event has been undone');
    const { reversal } = voided;
    return { scope: this.scope, customerId, event: { ...event, voided }, reversal, replayed };
  }
}

/** The result is kept with the event itself. */
function storedMark(): string {
  return VOIDED;
}

const VOIDED = JSON.stringify({ v: 1, voided: true });
