/** The column `balances.rollovers`: a list, so each amount carries the version of its form. */
import { z } from 'zod';
import type { Rollover } from '../domain/balance.js';
import { quantityFromText, quantityToText, ZERO } from '../domain/quantity.js';
import { readStored, STORED_VERSION } from '../domain/stored.js';

export interface RolloverJson {
  readonly v: number;
  readonly granted: string;
  readonly used: string;
  readonly expiresAt: number | null;
}

export function rolloversToJson(rollovers: readonly Rollover[]): RolloverJson[] {
  return rollovers.map(({ granted, used, expiresAt }) => ({
    v: STORED_VERSION,
    granted: quantityToText(granted),
    used: quantityToText(used),
    expiresAt,
  }));
}

export function rolloversFromJson(json: readonly unknown[]): Rollover[] {
  return json.map((part) => readStored(part, [schema, schema]));
}

const amount = z
  .string()
  .regex(/^-?\d+(\.\d{1,10})?$/)
  .transform(quantityFromText);

const schema = z.object({
  granted: amount,
  used: amount.default(ZERO),
  // What `Date` can hold.
  expiresAt: z.number().min(-8.64e15).max(8.64e15).nullable().default(null),
});
