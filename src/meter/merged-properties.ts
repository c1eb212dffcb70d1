/** The properties of a capture: those of the reservation and its own, of which its own win (R25). */
import { Buffer } from 'node:buffer';
import { invalidInput, type Refusal } from '../domain/refusal.js';
import { shownValue } from '../domain/shown-value.js';
import type { JsonObject } from './store.js';

/** An event has no more than a call may send, so that what reads it knows how large it can be. */
const BYTES_MAX = 64 * 1024;

/** A character takes at most so many bytes. */
const CHAR_BYTES_MAX = 3;

/** JSON text of an object, or null. */
export function mergedProperties(held: string | null, own: JsonObject | null): string | null {
  if (own === null) return held;
  return JSON.stringify(held === null ? own : { ...(JSON.parse(held) as JsonObject), ...own });
}

/** Null if they are not too long together. Each by itself is not. */
export function refuseMerged(held: string | null, own: JsonObject | null): Refusal | null {
  if (held === null || own === null) return null;
  const charsMax = held.length + JSON.stringify(own).length;
  if (charsMax * CHAR_BYTES_MAX <= BYTES_MAX) return null;
  const bytes = Buffer.byteLength(mergedProperties(held, own) ?? '');
  if (bytes <= BYTES_MAX) return null;
  return invalidInput([
    {
      path: 'properties',
      value: shownValue(own),
      rule: 'bytes',
      message: `must be at most ${BYTES_MAX} bytes as JSON text, together with those of the reservation: these are ${bytes}`,
    },
  ]);
}
