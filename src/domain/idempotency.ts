/** What a call asked for, field by field, in the order in which a difference is named. */
export type Fingerprint = Readonly<Record<string, string | null>>;

/** The first field in which two calls differ; null where they are the same call (R17). */
export function firstDifference(first: Fingerprint, second: Fingerprint): string | null {
  const fields = new Set([...Object.keys(second), ...Object.keys(first)]);
  for (const field of fields) {
    if ((first[field] ?? null) !== (second[field] ?? null)) return field;
  }
  return null;
}

/** JSON text with the keys of every object in order, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
