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
 * are counts of 10^-10.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return String(part);
    return part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  });
}
