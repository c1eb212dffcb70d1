/** The fingerprint that is stored under a key: the fields that the call gave, in any order. */
import type { Fingerprint } from '../../domain/idempotency.js';
import { readStored } from '../../domain/stored.js';
import { everyOf, orNull, type Reader, text } from '../../domain/stored-values.js';

export function fingerprintFromJson(json: unknown): Fingerprint {
  return readStored(json, [version0, version1]);
}

const version0: Reader<Fingerprint> = everyOf(orNull(text));

const version1: Reader<Fingerprint> = everyOf(text, ['v']);
