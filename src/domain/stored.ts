import { UnavailableError } from './unavailable.js';

/**
 * The version of JSON that is stored to be read again: see docs/adr/0020-stored-results.md.
 * JSON without one was written before there were versions: version 0.
 */
export const STORED_VERSION = 1;

/** The part of zod that is needed here. */
interface Schema<Output> {
  safeParse(json: unknown): { success: true; data: Output } | { success: false; error: unknown };
}

/**
 * Reads stored JSON with the schema of its version, which is its index in the list. Throws an
 * `UnavailableError` for data that no schema can read: only a newer release can have written it.
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
