import { STORED_VERSION } from './stored.js';

/** The input of a call, field by field, in the order in which a difference is reported. */
export type Fingerprint = Readonly<Record<string, string | null>>;

/** As it is stored: without the fields that the call omitted. */
export function fingerprintToJson(fingerprint: Fingerprint): string {
  const json: Record<string, unknown> = { v: STORED_VERSION };
  for (const field in fingerprint) {
    const text = fingerprint[field] ?? null;
    if (text !== null) json[field] = text;
  }
  return JSON.stringify(json);
}

/** The first field in which two calls differ; null if they are the same call (R17). */
export function firstDifference(first: Fingerprint, second: Fingerprint): string | null {
  const fields = new Set([...Object.keys(second), ...Object.keys(first)]);
  for (const field of fields) {
    if ((first[field] ?? null) !== (second[field] ?? null)) return field;
  }
  return null;
}

/** The value without the members that are null, which mean the same as none. */
export function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null)
      .map(([key, part]) => [key, withoutNulls(part)]),
  );
}

/**
 * JSON text with the keys of every object in order, so that equal values have equal texts. Amounts
 * are counts of 10^-10. `text` is what `JSON.stringify` makes of the value, if that is known.
 */
export function canonicalJson(value: unknown, text?: string): string {
  return flatJson(value, text) ?? nestedJson(value);
}

/** Of a plain object of texts, numbers and the like, as most properties are, in a tenth of the time; null for anything else. */
function flatJson(value: unknown, text: string | undefined): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  if ('toJSON' in value) return null;
  const members = Object.entries(value);
  if (members.length > FLAT_MEMBERS_MAX || !members.every(isFlat)) return null;
  if (members.every(isInOrder)) return text ?? JSON.stringify(value);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, part]) => `${JSON.stringify(key)}:${JSON.stringify(part)}`).join(',')}}`;
}

const FLAT_MEMBERS_MAX = 100;

/** An object has keys that are numbers in the order of the numbers. */
const NUMBER = /^\d/;

function isFlat([key, part]: readonly [string, unknown]): boolean {
  const isPlain =
    part === null ||
    typeof part === 'string' ||
    typeof part === 'number' ||
    typeof part === 'boolean';
  return isPlain && !NUMBER.test(key);
}

function isInOrder(
  [key]: readonly [string, unknown],
  index: number,
  members: readonly (readonly [string, unknown])[],
): boolean {
  return index === 0 || (members[index - 1]?.[0] ?? '') < key;
}

function nestedJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return String(part);
    return part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  });
}
