/** The model's own arithmetic: whole numbers of 10^-10, and fractions of them. */

export const ONE = 10_000_000_000n;

/** A JSON number as a count of 10^-10: 15 digits are all that it can say reliably. */
export function amountOf(value: number): bigint {
  const [digits = '', exponent = ''] = value.toExponential(14).split('e');
  const shift = Number(exponent) - 14 + 10;
  const whole = BigInt(digits.replace('.', ''));
  return shift >= 0 ? whole * 10n ** BigInt(shift) : whole / 10n ** BigInt(-shift);
}

/** Whether a value may be tracked: reading it loses nothing. */
export function isAmount(value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > 1e15) return false;
  return Number(textOf(amountOf(value))) === value;
}

/** `76.53`, `-0.5`, `100`. */
export function textOf(amount: bigint): string {
  const digits = String(amount < 0n ? -amount : amount).padStart(11, '0');
  const text = `${digits.slice(0, -10)}.${digits.slice(-10)}`.replace(/\.?0+$/, '');
  return amount < 0n ? `-${text}` : text;
}

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function atLeastZero(a: bigint): bigint {
  return a > 0n ? a : 0n;
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** An exact number: `over / under`, never shortened. */
export interface Ratio {
  readonly over: bigint;
  readonly under: bigint;
}

export function minus(a: Ratio, b: Ratio): Ratio {
  return { over: a.over * b.under - b.over * a.under, under: a.under * b.under };
}

/** To the nearest whole number, halves away from zero. `under` is positive. */
export function rounded({ over, under }: Ratio): bigint {
  if (over < 0n) return -rounded({ over: -over, under });
  const below = over / under;
  return (over - below * under) * 2n >= under ? below + 1n : below;
}
