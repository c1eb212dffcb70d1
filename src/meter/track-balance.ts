import type { Tracked } from '../domain/track.js';
import type { Instant } from '../domain/interval.js';
import type { OverageBehavior } from '../domain/deduction.js';
import type { Quantity } from '../domain/quantity.js';
import type { CustomerScope, JsonObject, UsageEvent } from './store.js';
import type { Answer, VerbContext } from './verb.js';

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

export declare function trackBalance(ctx: VerbContext, input: TrackBalanceInput): Promise<Answer<TrackBalance>>;
