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

/** On another server than the catalogue's, `public` is a model for places and has no customers. As PostgreSQL shows it. */
export const NO_CUSTOMERS = 'CHECK (false)';

/** The constraint of `public`, null if it has none, for SQL. */
export const READ_PLACE_CHECK = `SELECT pg_get_constraintdef(oid, true) AS fact FROM pg_constraint
  WHERE conrelid = (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = 'customers')
    AND conname = '${PLACE_CHECK}'`;
