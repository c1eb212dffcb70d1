/** The model's own arithmetic: whole numbers of 10^-10, and fractions of them. */

export const ONE = 10_000_000_000n;

/** A JSON number as a count of 10^-10. */
export function amountOf(value: number): bigint {
  const text = decimalsOf(value) <= 10 ? plainText(value) : value.toFixed(10);
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(`${whole}${fraction.padEnd(10, '0')}`);
}

/** Costs are whole numbers of 10^-18. */
export const COST_ONE = 10n ** 18n;

/** A JSON number of at most 15 digits and 18 decimals as a count of 10^-18. */
export function costOf(value: number): bigint {
  const [mantissa = '', power = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return BigInt(whole + fraction) * 10n ** BigInt(18 - fraction.length + Number(power));
}

/** Whether a value may be tracked: reading it loses nothing but the rounding of a double. */
export function isAmount(value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > 1e15) return false;
  if (decimalsOf(value) <= 10) return true;
  const nearest = Number(value.toFixed(10));
  const excess = Math.abs(value - nearest);
  return nearest !== 0 && excess <= Math.max(1e-13, Math.abs(value) * 5e-15);
}

function decimalsOf(value: number): number {
  const [mantissa = '', power = '0'] = String(value).split('e');
  return (mantissa.split('.')[1] ?? '').length - Number(power);
}

/** Without an exponent, for at most 10 decimals. */
function plainText(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(10) : text;
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

export function greatest(a: bigint, b: bigint): bigint {
  return a + b - least(a, b);
}

export function atLeastZero(a: bigint): bigint {
  return a > 0n ? a : 0n;
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** An exact number, `over / under`, which is never reduced. */
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
