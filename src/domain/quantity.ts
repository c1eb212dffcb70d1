/**
 * An exact amount: a count of 10^-10 units. It is what `NUMERIC(38,10)` holds in the database, and
 * no arithmetic on amounts is done in any other form.
 */
export type Quantity = bigint;

const DECIMALS_MAX = 10;
const DIGITS_MAX = 15;
const ONE_UNIT = 10n ** BigInt(DECIMALS_MAX);

/** No input may be larger than 10^15 units, in either direction. */
export const QUANTITY_INPUT_MAX: Quantity = 10n ** 15n * ONE_UNIT;

export const ZERO: Quantity = 0n;

/** Which rule a number broke. */
export type QuantityRule = 'finite' | 'decimals' | 'digits' | 'magnitude';

export type ParsedQuantity =
  | { readonly ok: true; readonly quantity: Quantity }
  | { readonly ok: false; readonly rule: QuantityRule; readonly message: string };

/**
 * Reads a JSON number by its shortest decimal text, so that 0.1 + 0.2 is 0.3. Refused: NaN and
 * infinities, more than 10 decimals, more than 15 significant digits (a double can't tell such
 * numbers apart), more than 10^15.
 */
export function parseQuantity(value: number): ParsedQuantity {
  if (!Number.isFinite(value)) return refused('finite', 'must be a finite number');
  if (Math.abs(value) > 1e15) return refused('magnitude', 'must be between -10^15 and 10^15');
  // A whole number of this size has no decimals, and no more digits than are allowed.
  if (Number.isInteger(value)) return { ok: true, quantity: BigInt(value) * ONE_UNIT };
  const { digits, exponent, negative } = decimalOf(value);
  if (digits.length > DIGITS_MAX)
    return refused('digits', 'must have at most 15 significant digits');
  if (-exponent > DECIMALS_MAX) return refused('decimals', 'must have at most 10 decimals');
  const magnitude = BigInt(digits) * 10n ** BigInt(exponent + DECIMALS_MAX);
  return { ok: true, quantity: negative ? -magnitude : magnitude };
}

function refused(rule: QuantityRule, message: string): ParsedQuantity {
  return { ok: false, rule, message };
}

/** The number as digits x 10^exponent, without leading or trailing zeros. */
function decimalOf(value: number): { digits: string; exponent: number; negative: boolean } {
  const [mantissa = '', power = '0'] = String(Math.abs(value)).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  const exponent = Number(power) - fraction.length + (all.length - digits.length);
  return { digits: digits || '0', exponent: digits ? exponent : 0, negative: value < 0 };
}

/** Reads the text of a `NUMERIC(38,10)`, as the database or a stored answer gives it. */
export function quantityFromText(text: string): Quantity {
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = (negative ? text.slice(1) : text).split('.');
  const magnitude = BigInt(whole) * ONE_UNIT + BigInt(fraction.padEnd(DECIMALS_MAX, '0'));
  return negative ? -magnitude : magnitude;
}

/** The shortest decimal text of an amount: `76.53`, `-0.5`, `100`. */
export function quantityToText(quantity: Quantity): string {
  if (quantity < 0n) return `-${quantityToText(-quantity)}`;
  const digits = quantity.toString();
  if (quantity !== 0n && digits.endsWith(NO_FRACTION)) return digits.slice(0, -DECIMALS_MAX);
  const padded = digits.padStart(DECIMALS_MAX + 1, '0');
  const fraction = padded.slice(-DECIMALS_MAX).replace(/0+$/, '');
  const whole = padded.slice(0, -DECIMALS_MAX);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

const NO_FRACTION = '0'.repeat(DECIMALS_MAX);

/** The nearest JSON number, for answers. Exact for every amount of up to 15 significant digits. */
export function quantityToNumber(quantity: Quantity): number {
  // Both are exact as doubles then, and a division rounds to the nearest like the reading of a text.
  if (quantity <= SAFE && quantity >= -SAFE) return Number(quantity) / UNITS_PER_ONE;
  return Number(quantityToText(quantity));
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const UNITS_PER_ONE = Number(ONE_UNIT);

/** A whole number of units, for literals in code. */
export function units(count: number): Quantity {
  return BigInt(count) * ONE_UNIT;
}

export function minQuantity(a: Quantity, b: Quantity): Quantity {
  return a < b ? a : b;
}

export function maxQuantity(a: Quantity, b: Quantity): Quantity {
  return a > b ? a : b;
}

/** `percent` of an amount, rounded down to whole units (R16). */
export function percentOf(quantity: Quantity, percent: Quantity): Quantity {
  return ((quantity * percent) / (100n * ONE_UNIT) / ONE_UNIT) * ONE_UNIT;
}

/**
 * An amount on its way through credit costs, as an exact fraction of 10^-10 units: 40.25 units at
 * 1.4 credits, of which 50.3 credits are taken, leave 4.32142857... units, which no decimal holds.
 */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function fractionOf(quantity: Quantity): Fraction {
  return { numerator: quantity, denominator: 1n };
}

/** The fraction times a cost, rounded to the nearest 10^-10 (halves away from zero). */
export function atCost(fraction: Fraction, cost: Quantity): Quantity {
  if (cost === ONE_UNIT && fraction.denominator === 1n) return fraction.numerator;
  return divideRounded(fraction.numerator * cost, fraction.denominator * ONE_UNIT);
}

/** What is left of the fraction once `taken` has been taken from it at `cost`. */
export function lessAtCost(fraction: Fraction, taken: Quantity, cost: Quantity): Fraction {
  if (cost === ONE_UNIT) {
    return reduced(fraction.numerator - taken * fraction.denominator, fraction.denominator);
  }
  return reduced(
    fraction.numerator * cost - taken * ONE_UNIT * fraction.denominator,
    fraction.denominator * cost,
  );
}

function reduced(numerator: bigint, denominator: bigint): Fraction {
  if (denominator === 1n) return { numerator, denominator };
  let [a, b] = [numerator < 0n ? -numerator : numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return { numerator: numerator / a, denominator: denominator / a };
}

function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const half = denominator / 2n;
  return numerator < 0n ? -((-numerator + half) / denominator) : (numerator + half) / denominator;
}

/** The cost of a feature in itself. */
export const COST_ONE: Quantity = ONE_UNIT;
