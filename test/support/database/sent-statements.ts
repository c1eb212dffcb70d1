import pg from 'pg';
import { vi } from 'vitest';

/** Collects everything that matches of what is sent to PostgreSQL as a prepared statement, until `vi.restoreAllMocks()`. */
export function watchStatements(wanted: RegExp): ReadonlySet<string> {
  const sent = new Set<string>();
  const { query } = pg.Client.prototype;
  const watched = function (this: pg.Client, statement: unknown, ...others: unknown[]): unknown {
    if (typeof statement === 'object' && statement !== null && 'text' in statement)
      if (wanted.test(String(statement.text))) sent.add(String(statement.text));
    return Reflect.apply(query, this, [statement, ...others]);
  };
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(watched as typeof query);
  return sent;
}
