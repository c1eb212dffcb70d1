import { type Reader, UnfitError } from './stored-values.js';
import { resultUnreadable } from './unavailable.js';

/**
 * The version of JSON that is stored to be read again: see docs/adr/0020-stored-results.md.
 * JSON without one was written before there were versions: version 0.
 */
export const STORED_VERSION = 1;

/**
 * Reads stored JSON with the reader of its version, which is its index in the list. Throws an
 * `UnavailableError` for data that cannot be read: only a newer release can have written it.
 */
export function readStored<T>(json: unknown, readers: readonly Reader<T>[]): T {
  const read = readers[versionOf(json)];
  if (read === undefined) throw resultUnreadable();
  try {
    return read(json);
  } catch (error) {
    if (!(error instanceof UnfitError)) throw error;
    throw resultUnreadable(error);
  }
}

function versionOf(json: unknown): number {
  const version = typeof json === 'object' && json !== null && 'v' in json ? json.v : 0;
  return typeof version === 'number' ? version : 0;
}
