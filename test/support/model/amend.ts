/** How the model lets an event take the place of another (R35). */
import type { PlainAmend, PlainTrack } from '../cases/plain.js';
import type { Asked } from './answers.js';
import { amountOf, textOf } from './numbers.js';
import type { ModelEvent } from './undo.js';

/** The usage of the event in its place. Its value is apart, because it may have more digits than a number. */
export function usageInPlace({ usage, value, occurredAt }: ModelEvent, call: PlainAmend) {
  const track: PlainTrack = {
    ...usage,
    timestamp: call.timestamp ?? new Date(occurredAt).toISOString(),
    overageBehavior: call.overageBehavior ?? 'CAP',
    ...(call.properties !== undefined && { properties: call.properties }),
  };
  return { track, value: call.value === undefined ? value : amountOf(call.value) };
}

/** What must be the same in a repetition, in the order in which differences are named. */
export function askedToAmend(call: PlainAmend): Asked {
  const { event, value, properties, timestamp, overageBehavior = 'CAP' } = call;
  return {
    operation: 'amend',
    eventId: String(event),
    value: value === undefined ? null : textOf(amountOf(value)),
    properties: properties === undefined ? null : JSON.stringify(properties),
    timestamp: timestamp === undefined ? null : new Date(timestamp).toISOString(),
    overageBehavior,
  };
}
