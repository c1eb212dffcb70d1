import { type Decimal, decimalOf } from './decimal.js';

/**
 * An exact amount: a count of 10^-10 units. It matches `NUMERIC(38,10)` in the database, and
 * no arithmetic on amounts is done in any other form.
 */
export type Quantity = bigint;

const DECIMALS_MAX = 10;
const ONE_UNIT = 10n ** BigInt(DECIMALS_MAX);

/** No input may be larger than 10^15 units, in either direction. */
export const QUANTITY_INPUT_MAX: Quantity = 10n ** 15n * ONE_UNIT;

/** The largest amount that fits into `NUMERIC(38,10)`, in either direction: almost 10^28 units. */
export const QUANTITY_MAX: Quantity = 10n ** 38n - 1n;

/** Whether a sum can be stored. Single inputs always can. */
export function isStorable(quantity: Quantity): boolean {
  return quantity <= QUANTITY_MAX && quantity >= -QUANTITY_MAX;
}

export const ZERO: Quantity = 0n;

/** Which rule a number broke. */
export type QuantityRule = 'finite' | 'decimals' | 'magnitude';

export type ParsedQuantity =
  | { readonly ok: true; readonly quantity: Quantity }
  | { readonly ok: false; readonly rule: QuantityRule; readonly message: string };

/**
 * Reads a number from its decimal text: a text as it is, a double from its shortest text. Up to 10
 * decimals are taken as they are. Further ones are rounded away if they are no more than a
 * double's rounding error, so that 0.1 + 0.2 is 0.3, and refused if the number is really finer:
 * see docs/adr/0019-exact-numbers.md. Refused too: NaN, infinities, more than 10^15.
 */
export function parseQuantity(number: number | string): ParsedQuantity {
  return parseScaled(number, QUANTITY_SCALE);
}

/** How many decimals a kind of number has, and what it is called. */
export interface Scale {
  readonly decimals: number;
  readonly toText: (scaled: bigint) => string;
  /** For the message about a number that would be rounded to nothing. */
  readonly smallest: string;
}

/** The same with another number of decimals: a count of 10^-decimals. */
export function parseScaled(number: number | string, scale: Scale): ParsedQuantity {
  if (typeof number === 'string' && !Number.isFinite(Number(number))) return tooLarge('finite');
  if (typeof number === 'string') return parseDecimal(decimalOf(number), null, scale);
  if (!Number.isFinite(number)) return refused('finite', 'must be a finite number');
  if (Math.abs(number) > 1e15) return tooLarge('magnitude');
  // A whole number of this size has no decimals.
  if (Number.isInteger(number)) return taken(BigInt(number) * 10n ** BigInt(scale.decimals));
  return parseDecimal(decimalOf(String(number)), number, scale);
}

/** The exact value of a double is the best indication of what it was meant to be; `toFixed` rounds it. */
function parseDecimal(decimal: Decimal, double: number | null, scale: Scale): ParsedQuantity {
  const { digits, exponent, negative } = decimal;
  const { decimals } = scale;
  const signed = (magnitude: bigint) => taken(negative ? -magnitude : magnitude);
  const point = digits.length + exponent;
  const most = 10n ** BigInt(MAGNITUDE_DIGITS - 1 + decimals);
  if (point > MAGNITUDE_DIGITS) return tooLarge('magnitude');
  if (exponent >= -decimals) {
    const magnitude = BigInt(digits) * 10n ** BigInt(exponent + decimals);
    return magnitude <= most ? signed(magnitude) : tooLarge('magnitude');
  }
  if (point < -decimals) return tooFine(scale);
  const written = digits.slice(0, point + DECIMALS_CONSIDERED);
  const finer = 10n ** BigInt(written.length - point - decimals);
  const magnitude =
    double === null
      ? (BigInt(written) + finer / 2n) / finer
      : BigInt(Math.abs(double).toFixed(decimals).replace('.', ''));
  if (magnitude > most) return tooLarge('magnitude');
  if (magnitude === ZERO) return tooFine(scale);
  const excess = absolute(BigInt(written) - magnitude * finer);
  const isRounding =
    excess * ROUNDING_ABSOLUTE <= finer ||
    (double !== null && excess * ROUNDING_RELATIVE <= BigInt(written));
  if (isRounding) return signed(magnitude);
  const rounded = scale.toText(negative ? -magnitude : magnitude);
  return refused(
    'decimals',
    `must have at most ${decimals} decimals: round it, to ${rounded} here`,
  );
}

function tooFine({ decimals, smallest }: Scale): ParsedQuantity {
  return refused('decimals', `must have at most ${decimals} decimals: ${smallest}`);
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Of 10^15, the largest input. */
const MAGNITUDE_DIGITS = 16;

/** Further digits, which only a text can have, make no difference. */
const DECIMALS_CONSIDERED = 40;

const QUANTITY_SCALE: Scale = {
  decimals: DECIMALS_MAX,
  toText: quantityToText,
  smallest: 'the smallest amount is 0.0000000001',
};

/** An excess is a double's rounding error if it is at most 10^-13, a thousandth of the smallest amount... */
const ROUNDING_ABSOLUTE = 1_000n;

/** ...or, of a double, at most 5 in the sixteenth significant digit: a few operations lose no more. */
const ROUNDING_RELATIVE = 2n * 10n ** 14n;

function taken(quantity: Quantity): ParsedQuantity {
  return { ok: true, quantity };
}

function tooLarge(rule: QuantityRule): ParsedQuantity {
  return refused(rule, 'must be between -10^15 and 10^15');
}

function refused(rule: QuantityRule, message: string): ParsedQuantity {
  return { ok: false, rule, message };
}

/** Reads the text of a `NUMERIC(38,10)`, as the database or a stored answer gives it. */
export function quantityFromText(text: string): Quantity {
  const digits = smallFromText(text);
  if (digits !== null) return BigInt(digits);
  if (!text.includes('.')) return BigInt(text) * ONE_UNIT;
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = (negative ? text.slice(1) : text).split('.');
  const magnitude = BigInt(whole + fraction.padEnd(DECIMALS_MAX, '0'));
  return negative ? -magnitude : magnitude;
}

/** What a double holds exactly, with the point. */
const SMALL_CHARS = 16;

const [MINUS, POINT, DIGIT_0, DIGIT_9] = [45, 46, 48, 57];

/**
 * Of an amount with all of its decimals, as PostgreSQL writes it, the number without the point, which no further texts have to be
 * made for. Null for others.
 */
function smallFromText(text: string): number | null {
  const point = text.length - DECIMALS_MAX - 1;
  if (text.length > SMALL_CHARS || text.charCodeAt(point) !== POINT) return null;
  const isNegative = text.charCodeAt(0) === MINUS;
  let digits = 0;
  for (let at = isNegative ? 1 : 0; at < text.length; at += 1) {
    if (at === point) continue;
    const code = text.charCodeAt(at);
    if (!(code >= DIGIT_0 && code <= DIGIT_9)) return null;
    digits = digits * 10 + (code - DIGIT_0);
  }
  return isNegative ? -digits : digits;
}

/** The shortest decimal text of an amount: `76.53`, `-0.5`, `100`. */
export function quantityToText(quantity: Quantity): string {
  if (quantity < 0n) return `-${quantityToText(-quantity)}`;
  if (quantity <= SAFE) {
    const count = Number(quantity);
    if (count % UNITS_PER_ONE === 0) return String(count / UNITS_PER_ONE);
  }
  const digits = quantity.toString();
  if (quantity !== 0n && digits.endsWith(NO_FRACTION)) return digits.slice(0, -DECIMALS_MAX);
  const padded = digits.padStart(DECIMALS_MAX + 1, '0');
  const fraction = padded.slice(-DECIMALS_MAX).replace(/0+$/, '');
  const whole = padded.slice(0, -DECIMALS_MAX);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

const NO_FRACTION = '0'.repeat(DECIMALS_MAX);

/** The nearest JSON number, for answers. Exact for amounts of up to 15 significant digits. */
export function quantityToNumber(quantity: Quantity): number {
  // Both are then exact as doubles, and a division rounds to the nearest double, as reading a text does.
  if (quantity <= SAFE && quantity >= -SAFE) return Number(quantity) / UNITS_PER_ONE;
  return Number(quantityToText(quantity));
}

/**
 * The amount as far as a JSON number can say it without saying more, for what may be sent back, such as the largest value that
 * is allowed. Of an amount with more digits than a double has, less than the last of them is missing.
 */
export function roundedDown(quantity: Quantity): Quantity {
  for (const digits of [Number.POSITIVE_INFINITY, DOUBLE_DIGITS, DOUBLE_DIGITS - 1]) {
    const parsed = parseQuantity(quantityToNumber(firstDigits(quantity, digits)));
    if (parsed.ok && parsed.quantity <= quantity) return parsed.quantity;
  }
  return ZERO;
}

/**
 * The amount as far as a JSON number can say it without saying less, for what may be granted, such as what is missing. Of an
 * amount that is too large to be sent, the nearest number has to do.
 */
export function roundedUp(quantity: Quantity): Quantity {
  for (const digits of [Number.POSITIVE_INFINITY, DOUBLE_DIGITS, DOUBLE_DIGITS - 1]) {
    const parsed = parseQuantity(quantityToNumber(upToDigits(quantity, digits)));
    if (parsed.ok && parsed.quantity >= quantity) return parsed.quantity;
  }
  return quantity;
}

/** A double may have as many significant digits. With one less, it always reads as what was written. */
const DOUBLE_DIGITS = 16;

function firstDigits(quantity: Quantity, digits: number): Quantity {
  const others = quantity.toString().length - digits;
  return others <= 0 ? quantity : quantity - (quantity % 10n ** BigInt(others));
}

/** The next amount of so many digits, unless it has no more. */
function upToDigits(quantity: Quantity, digits: number): Quantity {
  const first = firstDigits(quantity, digits);
  if (first >= quantity) return quantity;
  return first + 10n ** BigInt(quantity.toString().length - digits);
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
