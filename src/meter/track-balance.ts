import { canonicalJson } from '../domain/idempotency.js';
import type { Instant } from '../domain/interval.js';
import type { Quantity } from '../domain/quantity.js';
import { insufficientBalance } from '../domain/refusal.js';
import { type Tracked, trackFingerprint } from '../domain/track.js';
import { sha256Hex } from '../platform/digest.js';
import { uuidOf, uuidTail } from '../platform/id.js';
import { JsonText } from '../platform/json-text.js';
import { checkScopes } from './access/forbidden.js';
import { storedKeyOf } from './access/key-space.js';
import { refuseOther } from './access/only-customer.js';
import { scopeSet } from './access/scopes.js';
import type { ToldCommand } from './neighbours/neighbour.js';
import { toldOf } from './neighbours/told-track.js';
import type { CustomerScope, UsageEvent } from './store.js';
import { type StoredTrackBalance, trackBalanceFromJson } from './stored/track-balance.js';
import { type TrackBalanceInput, TrackCommand } from './track-command.js';
import { type Caller, done, type Result, refuse, type VerbContext } from './verb.js';
import type { Idempotency } from './write/command.js';

export type { TrackBalanceInput } from './track-command.js';

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
  return ctx.writeQueue.submit(commandOf(ctx.caller, input), ctx.execution);
}

const REFUND = [scopeSet(['track:refund'])];

function commandOf(caller: Caller, input: TrackBalanceInput): TrackBalanceCommand {
  const properties = input.properties === null ? null : JsonText.of(input.properties);
  const idempotency = idempotencyOf(caller, input, properties);
  return new TrackBalanceCommand({ projectId: caller.projectId, input, properties, idempotency });
}

class TrackBalanceCommand extends TrackCommand<TrackBalance> {
  replay(json: unknown, recordedAt: Instant): Result<TrackBalance> {
    const stored = trackBalanceFromJson(json, this.input);
    // Of this very call, by a neighbour that could not say so any more.
    const isOwn = 'event' in stored && stored.event === this.tail;
    return this.resultOf(stored, recordedAt, !isOwn);
  }

  override told(): ToldCommand {
    this.tail = uuidTail();
    return toldOf(this, this.tail);
  }

  override again(json: unknown, recordedAt: Instant, replayed: boolean): Result<TrackBalance> {
    return this.resultOf(trackBalanceFromJson(json, this.input), recordedAt, replayed);
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
