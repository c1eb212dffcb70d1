import { sqlStateOf } from './failure.js';

/** Another program has a table, a type or a function of that name. */
const OWN_DATABASE = ' Use a separate database for Tollgate.';

/** What to do about a migration that failed, by SQLSTATE. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['42501', ' Run `npm run db:migrate` as the role that owns the tables.'],
  ['53100', ' Free some disk space.'],
  ['57014', ' Start again while no limit on the time of statements applies.'],
  ...['42P07', '42710', '42723'].map((taken) => [taken, OWN_DATABASE] as const),
]);

/** Begins with a space, or is empty. */
export function adviceOn(cause: unknown): string {
  return ADVICE.get(sqlStateOf(cause) ?? '') ?? '';
}
