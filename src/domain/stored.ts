import { UnavailableError } from './unavailable.js';

/**
 * The version of all JSON that is stored to be read again: see docs/adr/0020-stored-results.md.
 * What has none is of the releases before there were any: version 0.
 */
export const STORED_VERSION = 1;

/** As much of zod as is needed here. */
interface Schema<Output> {
  safeParse(json: unknown): { success: true; data: Output } | { success: false; error: unknown };
}

/**
 * Reads stored JSON by the schema of its version, which is its place in the list. Throws an
 * `UnavailableError` for what no schema reads: only a newer release can have written it.
 */
export function readStored<Output>(json: unknown, schemas: readonly Schema<Output>[]): Output {
  const parsed = schemas[versionOf(json)]?.safeParse(json);
  if (parsed?.success) return parsed.data;
  throw new UnavailableError('RESULT_UNREADABLE', parsed?.error);
}

function versionOf(json: unknown): number {
  const version = typeof json === 'object' && json !== null && 'v' in json ? json.v : 0;
  return typeof version === 'number' ? version : 0;
}
