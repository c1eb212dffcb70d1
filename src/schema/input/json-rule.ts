import { Buffer } from 'node:buffer';
import { decimalOf } from '../../domain/decimal.js';
import { ExactNumber } from './exact-number.js';
import { JSON_DEPTH_MAX } from './limits.js';
import { textViolation, type Violation } from './text-rules.js';
import { isJsonObject } from './values.js';

interface Place {
  readonly value: unknown;
  readonly key: string;
  readonly parent: Place | null;
  readonly depth: number;
}

/**
 * The first rule that a JSON object breaks; null if it can be stored and read back unchanged. A
 * loop and not a recursion, because the object may be nested 100,000 levels deep.
 */
export function jsonViolation(root: unknown, bytesMax: number): Violation | null {
  if (!isJsonObject(root)) return { rule: 'object', message: 'must be a JSON object' };
  const tooLarge = {
    rule: 'bytes',
    message: `must be at most ${bytesMax} bytes as JSON text, with numbers written out`,
  };
  const places: Place[] = [{ value: root, key: '', parent: null, depth: 0 }];
  let values = 0;
  let bytesAtMost = 0;
  let bytesAtLeast = 0;
  let bytesWrittenOut = 0;
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    // Each value takes at least a byte, so there is no need to examine more.
    values += 1;
    if (values > bytesMax) return tooLarge;
    bytesAtMost += bytesAtMostOf(place);
    bytesAtLeast += charsOf(place);
    // Longer texts are not examined: a list may have a thousand such objects.
    if (bytesAtLeast > bytesMax) return tooLarge;
    bytesWrittenOut += bytesWrittenOutOf(place.value);
    const violation = valueViolation(place);
    if (violation !== null) return { ...violation, path: pathOf(place) };
    if (typeof place.value !== 'object' || place.value === null) continue;
    for (const [key, value] of Object.entries(place.value)) {
      places.push({ value, key, parent: place, depth: place.depth + 1 });
    }
  }
  // Most objects are so small that counting is unnecessary.
  if (bytesAtMost + bytesWrittenOut <= bytesMax) return null;
  return Buffer.byteLength(JSON.stringify(root)) + bytesWrittenOut > bytesMax ? tooLarge : null;
}

/**
 * How much longer PostgreSQL writes a value than it was sent: it writes out numbers that have an exponent, with up to 326
 * digits. Otherwise 64 KiB of them would be read back as 3 MB.
 */
function bytesWrittenOutOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 0;
  const text = String(value);
  if (!text.includes('e')) return 0;
  const { digits, exponent } = decimalOf(text);
  const sign = value < 0 ? 1 : 0;
  const whole = digits.length + Math.max(exponent, 0);
  // A number below 1 begins with "0.".
  const written = exponent < 0 ? 2 - exponent : whole;
  return sign + written - text.length;
}

/** A character takes at most six bytes, as \u001f does, and a number, a word or punctuation at most 30. */
function bytesAtMostOf(place: Place): number {
  return 6 * charsOf(place) + 30;
}

/** The text has no keys for the items of a list. */
function charsOf({ key, value, parent }: Place): number {
  const keyChars = Array.isArray(parent?.value) ? 0 : key.length;
  return keyChars + (typeof value === 'string' ? value.length : 0);
}

function valueViolation({ value, key, depth }: Place): Violation | null {
  const keyViolation = textViolation(key);
  if (keyViolation !== null)
    return { ...keyViolation, message: `has a key that ${keyViolation.message}` };
  switch (typeof value) {
    case 'string':
      return textViolation(value);
    case 'number':
      return Number.isFinite(value) ? null : { rule: 'finite', message: 'must be a finite number' };
    case 'object':
      if (value instanceof ExactNumber) return brokenNumber(value);
      return value === null || depth < JSON_DEPTH_MAX
        ? null
        : { rule: 'depth', message: `must be nested at most ${JSON_DEPTH_MAX} deep` };
    default:
      return null;
  }
}

/** JSON clients would read back a different number than was sent. */
function brokenNumber({ text }: ExactNumber): Violation {
  const double = Number(text);
  return Number.isFinite(double)
    ? {
        rule: 'exact',
        message: `would be read back as ${double}, because JSON clients read numbers as doubles; send it as a string`,
      }
    : { rule: 'finite', message: 'must be a finite number' };
}

function pathOf(place: Place): string[] {
  const path: string[] = [];
  for (let at = place; at.parent !== null; at = at.parent) path.unshift(at.key);
  return path;
}
