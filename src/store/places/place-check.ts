/** The name of the constraint of `customers`. */
export const PLACE_CHECK = 'customers_place';

/**
 * Whatever writes a customer to another place than its own is refused: another release, another setting, or by hand. As PostgreSQL
 * shows the constraint.
 */
export function placeCheck(number: number, count: number): string {
  const first = (place: number) => {
    const digits = ((place * 256) / count).toString(16).padStart(2, '0');
    return `'${digits}000000-0000-0000-0000-000000000000'::uuid`;
  };
  const from = number === 0 ? [] : [`customer_key >= ${first(number)}`];
  const to = number === count - 1 ? [] : [`customer_key < ${first(number + 1)}`];
  return `CHECK (${[...from, ...to].join(' AND ')})`;
}
