/** What a capture uses of what is held for one charged feature (R25). */
import { assert } from './assert.js';
import { atCost, fractionOf, lessAtCost } from './cost.js';
import { type Catalog, payersOf } from './feature.js';
import type { Take } from './held.js';
import type { HeldCharge, Hold } from './hold.js';
import { minQuantity, type Quantity, ZERO } from './quantity.js';
import { type Properties, propertiesFromText } from './where.js';

export interface SplitCharge {
  readonly used: readonly Take[];
  /** What is given back because it has another cost than was expected. */
  readonly repriced: readonly Take[];
  /** What stays held of the charge, unless it is given back. */
  readonly rest: HeldCharge;
  /** What is captured beyond what was held, or at another cost. */
  readonly beyond: Quantity;
}

const NOTHING: readonly Take[] = [];

/** The parts that were taken first are used first. */
export function splitCharge(
  { featureId, held, takes }: HeldCharge,
  value: Quantity,
  isRepriced: boolean,
): SplitCharge {
  if (isRepriced) {
    const { used, rest } = splitCharge({ featureId, held, takes }, value, false);
    return { used: NOTHING, repriced: used, rest, beyond: value };
  }
  const beyond = value > held ? value - held : ZERO;
  if (value >= held) {
    return { used: takes, repriced: NOTHING, rest: { featureId, held: ZERO, takes: [] }, beyond };
  }
  const used: Take[] = [];
  const rest: Take[] = [];
  let left = fractionOf(value);
  for (const take of takes) {
    const needed = atCost(left, take.cost);
    const amount = minQuantity(needed, take.amount);
    if (amount > ZERO) used.push({ ...take, amount });
    if (amount < take.amount) rest.push({ ...take, amount: take.amount - amount });
    left = amount === needed ? fractionOf(ZERO) : lessAtCost(left, amount, take.cost);
  }
  const kept = { featureId, held: held - value, takes: rest };
  return { used, repriced: NOTHING, rest: kept, beyond };
}

/** What is captured: its properties, as far as costs depend on them, and whether they change the cost of a feature. */
export interface CapturedUsage {
  readonly properties: Properties | null;
  readonly isRepriced: (featureId: string) => boolean;
}

const AS_HELD: CapturedUsage = { properties: null, isRepriced: () => false };

/**
 * The usage that a capture records: it has the properties of both, and the capture's win. What is held keeps the cost at
 * which it was set aside, whatever has become of the catalogue, unless the capture's own properties are those of another cost.
 */
export function capturedUsage(catalog: Catalog, hold: Hold, own: Properties | null): CapturedUsage {
  if (!hold.charges.some(({ featureId }) => catalog.priced.has(featureId))) return AS_HELD;
  assert(
    hold.properties !== undefined,
    'the properties of a reservation are read with its capture',
  );
  const before = propertiesFromText(hold.properties);
  if (own === null) return { ...AS_HELD, properties: before };
  const properties = { ...before, ...own };
  return {
    properties,
    isRepriced: (featureId) => !isSamePrice(catalog, featureId, before, properties),
  };
}

function isSamePrice(
  catalog: Catalog,
  featureId: string,
  first: Properties | null,
  second: Properties | null,
): boolean {
  if (!catalog.priced.has(featureId)) return true;
  const payers = payersOf(catalog, featureId, first);
  const others = payersOf(catalog, featureId, second);
  return (
    payers.length === others.length &&
    payers.every(
      ({ feature, cost }, place) =>
        others[place]?.feature === feature && others[place]?.cost === cost,
    )
  );
}
