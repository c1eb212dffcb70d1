/** What the answers of the model have in common. */
import type { RefusalCode } from '../../../src/domain/refusal.js';
import type { PlainShortfall, PlainTrack, Refused } from '../cases/plain.js';
import { amountOf, textOf } from './numbers.js';

export function refusal(code: RefusalCode): Refused {
  return { ok: false, replayed: false, code, missing: [], field: null };
}

/** R7: under REJECT, a value of 0 checks that the feature has a balance. */
export function notHeld(featureId: string): PlainShortfall {
  return { featureId, chargedFeatureId: featureId, amount: '0' };
}

export type Asked = Readonly<Record<string, string | null>>;

/** R17: what must be the same in a retry, in the order in which differences are named. */
export function askedFor(call: PlainTrack): Asked {
  const { timestamp, properties } = call;
  return {
    operation: 'track',
    featureId: call.featureId ?? null,
    eventName: call.eventName ?? null,
    value: textOf(amountOf(call.value ?? 1)),
    properties: properties === undefined ? null : JSON.stringify(properties),
    entityId: call.entityId ?? null,
    timestamp: timestamp === undefined ? null : new Date(timestamp).toISOString(),
    overageBehavior: call.overageBehavior ?? 'CAP',
  };
}
