/** A number as digits x 10^exponent, without leading or trailing zeros; zero is 0 x 10^0. */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** Reads a number as JSON, GraphQL and JavaScript write it: `-12.50`, `1e-7`. */
export function decimalOf(text: string): Decimal {
  const negative = text.startsWith('-');
  const [mantissa = '', power = '0'] = text
    .slice(negative ? 1 : 0)
    .toLowerCase()
    .split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = withoutLeadingZeros(`${whole}${fraction}`);
  const digits = withoutTrailingZeros(all);
  const exponent = Number(power) - fraction.length + (all.length - digits.length);
  return { negative, digits: digits || '0', exponent: digits ? exponent : 0 };
}

function withoutLeadingZeros(digits: string): string {
  let start = 0;
  while (digits.charCodeAt(start) === ZERO_CODE) start += 1;
  return digits.slice(start);
}

/** A loop, because a regular expression scans every run of zeros to its end: n^2 for "1010101...". */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === ZERO_CODE) end -= 1;
  return digits.slice(0, end);
}

const ZERO_CODE = 48;

/** Whether the number has no decimals. */
export function isWhole(text: string): boolean {
  return decimalOf(text).exponent >= 0;
}

/**
 * Whether a double represents the number that the text says: the shortest text of the double is the same
 * number. 0.1 is represented, and so is 1.0; 9007199254740993, 1e400 and 1e-400 are not.
 */
export function isHeldByDouble(text: string): boolean {
  const double = Number(text);
  const shortest = String(double);
  if (shortest === text) return true;
  if (!Number.isFinite(double)) return false;
  const [written, held] = [decimalOf(text), decimalOf(shortest)];
  return written.digits === held.digits && written.exponent === held.exponent;
}
