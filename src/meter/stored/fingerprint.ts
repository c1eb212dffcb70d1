/** The fingerprint that is stored under a key: the fields that the call gave, in any order. */
import { z } from 'zod';
import type { Fingerprint } from '../../domain/idempotency.js';
import { readStored } from '../../domain/stored.js';

export function fingerprintFromJson(json: unknown): Fingerprint {
  return readStored(json, [version0, version1]);
}

const version0 = z.record(z.string(), z.string().nullable());

const version1 = z
  .object({ v: z.literal(1) })
  .catchall(z.string())
  .transform(({ v: _, ...fields }): Fingerprint => fields);
