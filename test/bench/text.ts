/** Figures as text. */

/** Empty for unknown values. */
export function number(value: number | null, decimals: number, unit = 1): string {
  if (value === null || !Number.isFinite(value)) return '';
  return (value / unit).toFixed(decimals);
}
