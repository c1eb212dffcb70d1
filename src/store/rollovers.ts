/**
 * The column `balances.rollovers`: the rolled-over amounts, and what reservations hold. It is a list, so each element carries the
 * version of its form. What is held has version 2: a release that does not know reservations refuses to read it, and neither
 * spends nor loses it (docs/adr/0041-reservations.md).
 */
import { z } from 'zod';
import { type Balance, type Rollover, reservedOf } from '../domain/balance.js';
import { type Quantity, quantityFromText, quantityToText, ZERO } from '../domain/quantity.js';
import { readStored, STORED_VERSION } from '../domain/stored.js';

const HELD_VERSION = 2;

/** Whether any of the balance `column` belongs to is reserved, as SQL. */
export const isHeld = (column: string) => `${column} @> '[{"v": ${HELD_VERSION}}]'`;

type RolloverJson = Readonly<Record<string, string | number | null>>;

type Parts = Pick<Balance, 'rollovers' | 'reserved'>;

export function rolloversToJson({ rollovers, reserved }: Parts): RolloverJson[] {
  const parts = rollovers.map(partToJson);
  if (reserved === ZERO) return parts;
  return [{ v: HELD_VERSION, reserved: quantityToText(reserved) }, ...parts];
}

function partToJson(part: Rollover): RolloverJson {
  const { granted, used, expiresAt } = part;
  const reserved = reservedOf(part);
  return {
    v: reserved === ZERO ? STORED_VERSION : HELD_VERSION,
    granted: quantityToText(granted),
    used: quantityToText(used),
    expiresAt,
    ...(reserved !== ZERO && { reserved: quantityToText(reserved) }),
  };
}

const NONE: readonly Rollover[] = [];
const NOTHING: Parts = { rollovers: NONE, reserved: ZERO };

export function rolloversFromJson(json: readonly unknown[]): Parts {
  if (json.length === 0) return NOTHING;
  const rollovers: Rollover[] = [];
  let reserved: Quantity = ZERO;
  for (const part of json) {
    const read = readStored<Rollover | { readonly reserved: Quantity }>(part, [
      schema,
      schema,
      heldSchema,
    ]);
    if ('granted' in read) rollovers.push(read);
    else reserved += read.reserved;
  }
  return { rollovers, reserved };
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

const heldSchema = z.union([schema.extend({ reserved: amount }), z.object({ reserved: amount })]);
