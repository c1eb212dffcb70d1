/** Figures as text. */

/** Empty for unknown values. */
export function number(value: number | null, decimals: number, unit = 1): string {
  if (value === null || !Number.isFinite(value)) return '';
  return (value / unit).toFixed(decimals);
}

/** A figure in words. */
type TextOf = (value: number) => string;

export function times(what: string): TextOf {
  return (value) => `${number(value, 2)}x ${what}`;
}

export function percent(what: string): TextOf {
  return (value) => `${number(value * 100, 0)} % ${what}`;
}

export function unit(what: string): TextOf {
  return (value) => `${number(value, 0)} ${what}`;
}
