import { type ParsedQuantity, parseQuantity, parseScaled, type Quantity } from './quantity.js';

declare const BRAND: unique symbol;

/**
 * What one unit of a feature costs in a credit system, exactly: a count of 10^-18 credits. Tokens cost millionths of
 * a credit, so costs are finer than amounts. The brand keeps the two apart, which are both whole numbers.
 */
export type Cost = bigint & { readonly [BRAND]: 'cost' };

const COST_DECIMALS_MAX = 18;
const ONE = 10n ** BigInt(COST_DECIMALS_MAX);

/** A cost is at least 10^8 times as fine as an amount. */
const COSTS_PER_QUANTITY = 10n ** 8n;

/** The count is one of 10^-18, as its caller says. */
function costOf(count: bigint): Cost {
  return count as Cost;
}

/** The cost of a feature in itself. */
export const COST_ONE: Cost = costOf(ONE);

export const COST_ZERO: Cost = costOf(0n);

/** A whole number of credits, for literals in code. */
export function wholeCost(credits: number): Cost {
  return costOf(BigInt(credits) * ONE);
}

/** An amount of credits as a cost. */
export function costFromQuantity(quantity: Quantity): Cost {
  return costOf(quantity * COSTS_PER_QUANTITY);
}

export type ParsedCost =
  | { readonly ok: true; readonly cost: Cost }
  | Extract<ParsedQuantity, { readonly ok: false }>;

/** A double represents any number of so many digits, so these are what its text says. */
const DIGITS_HELD = 15;

/**
 * Reads a cost of up to 18 decimals, as `parseQuantity` reads amounts. A double with 16 or 17 digits is the result of a
 * calculation: if it is an amount but for its rounding error, it is that amount, so that 0.1 + 0.2 is still 0.3.
 */
export function parseCost(number: number | string): ParsedCost {
  if (typeof number === 'number' && significantDigits(number) > DIGITS_HELD) {
    const amount = parseQuantity(number);
    if (amount.ok) return { ok: true, cost: costFromQuantity(amount.quantity) };
  }
  const parsed = parseScaled(number, COST_SCALE);
  return parsed.ok ? { ok: true, cost: costOf(parsed.quantity) } : parsed;
}

function significantDigits(number: number): number {
  const [mantissa = ''] = String(Math.abs(number)).split('e');
  return mantissa.replace('.', '').replace(/^0+/, '').length;
}

const COST_SCALE = {
  decimals: COST_DECIMALS_MAX,
  toText,
  smallest: 'the smallest cost is 0.000000000000000001',
};

/** Reads the text of a cost, as the database gives it. */
export function costFromText(text: string): Cost {
  const [whole = '', fraction = ''] = text.split('.');
  return costOf(BigInt(whole + fraction.padEnd(COST_DECIMALS_MAX, '0')));
}

/** The shortest decimal text of a cost: `0.0000025`, `2`. */
export function costToText(cost: Cost): string {
  return toText(cost);
}

function toText(count: bigint): string {
  if (count < 0n) return `-${toText(-count)}`;
  const padded = count.toString().padStart(COST_DECIMALS_MAX + 1, '0');
  const fraction = padded.slice(-COST_DECIMALS_MAX).replace(/0+$/, '');
  const whole = padded.slice(0, -COST_DECIMALS_MAX);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** The nearest JSON number, for answers. */
export function costToNumber(cost: Cost): number {
  return Number(costToText(cost));
}

/** Whether an amount has enough decimals for the cost. */
export function isCoarse(cost: Cost): boolean {
  return cost % COSTS_PER_QUANTITY === 0n;
}

/**
 * An amount on its way through credit costs, as an exact fraction of 10^-10 units: 40.25 units at
 * 1.4 credits, of which 50.3 credits are taken, leave 4.32142857... units, which no decimal represents.
 */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function fractionOf(quantity: Quantity): Fraction {
  return { numerator: quantity, denominator: 1n };
}

/** The fraction times a cost, rounded to the nearest 10^-10 (halves away from zero). */
export function atCost(fraction: Fraction, cost: Cost): Quantity {
  if (cost === ONE && fraction.denominator === 1n) return fraction.numerator;
  return divideRounded(fraction.numerator * cost, fraction.denominator * ONE);
}

/** What is left of the fraction once `taken` has been taken from it at `cost`. */
export function lessAtCost(fraction: Fraction, taken: Quantity, cost: Cost): Fraction {
  if (cost === ONE) {
    return reduced(fraction.numerator - taken * fraction.denominator, fraction.denominator);
  }
  return reduced(
    fraction.numerator * cost - taken * ONE * fraction.denominator,
    fraction.denominator * cost,
  );
}

function reduced(numerator: bigint, denominator: bigint): Fraction {
  if (denominator === 1n) return { numerator, denominator };
  let [a, b] = [numerator < 0n ? -numerator : numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  const [n, d] = [numerator / a, denominator / a];
  if (d <= DENOMINATOR_MAX) return { numerator: n, denominator: d };
  return { numerator: divideRounded(n * DENOMINATOR_MAX, d), denominator: DENOMINATOR_MAX };
}

/**
 * Each cost that differs from the others multiplies the denominator, and a feature may have a thousand. From here on the
 * fraction is rounded, to less than 10^-30 of the smallest amount at any cost, so that the arithmetic stays short.
 */
const DENOMINATOR_MAX = 10n ** 90n;

function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const half = denominator / 2n;
  return numerator < 0n ? -((-numerator + half) / denominator) : (numerator + half) / denominator;
}
