/**
 * The column `balances.rollovers`: the rolled-over amounts, and what reservations hold. It is a list, so each element carries the
 * version of its form. What is held has version 2: a release that does not know reservations refuses to read it, and neither
 * spends nor loses it (docs/adr/0041-reservations.md).
 */
import { type Balance, type Rollover, reservedOf } from '../domain/balance.js';
import { type Quantity, quantityToText, ZERO } from '../domain/quantity.js';
import { readStored, STORED_VERSION } from '../domain/stored.js';
import { amount, formsOf, instant, Members, type Reader } from '../domain/stored-values.js';

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
    const read = readStored<Rollover | Held>(part, [rolloverOf, rolloverOf, heldOf]);
    if ('granted' in read) rollovers.push(read);
    else reserved += read.reserved;
  }
  return { rollovers, reserved };
}

const rolloverOf: Reader<Rollover> = (json) => {
  const stored = new Members(json);
  return {
    granted: stored.get('granted', amount),
    used: stored.or('used', amount, ZERO),
    expiresAt: stored.orNull('expiresAt', instant),
  };
};

interface Held {
  readonly reserved: Quantity;
}

const reservedPartOf: Reader<Held> = (json) => ({
  reserved: new Members(json).get('reserved', amount),
});

const heldOf = formsOf<Rollover | Held>(
  ['granted', (json) => ({ ...rolloverOf(json), ...reservedPartOf(json) })],
  ['reserved', reservedPartOf],
);
