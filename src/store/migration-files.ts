import { readdir, readFile } from 'node:fs/promises';
import { sha256Hex } from '../platform/digest.js';

/** `src/store` and `dist/store` are both two levels below the package. */
export const MIGRATIONS = new URL('../../prisma/migrations/', import.meta.url);

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
  /** What it builds outside of a transaction; null for all other migrations. */
  readonly index: ConcurrentIndex | null;
}

/** Names that need no quotes, in the schema public. */
export interface ConcurrentIndex {
  readonly name: string;
  readonly table: string;
  /** The statement alone. */
  readonly statement: string;
}

/** In the order in which they are applied. */
export async function readMigrations(folder: URL): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.toSorted().map(async (name) => {
      const sql = await readFile(new URL(`${name}/migration.sql`, folder), 'utf8');
      return { name, sql, checksum: sha256Hex(sql), index: indexOf(name, sql) };
    }),
  );
}

const CONCURRENTLY = /\bCONCURRENTLY\b/i;

/** The table with its schema, because the statement runs before any search path is set. */
const CREATE_INDEX =
  /^CREATE INDEX CONCURRENTLY ([a-z\d_]{1,63}) ON public\.([a-z\d_]{1,63})\s[^;]+;$/;

/** PostgreSQL refuses such a statement in a transaction, so it is alone in its file. */
function indexOf(migration: string, sql: string): ConcurrentIndex | null {
  const statement = sql.replace(/^--.*$/gm, '').trim();
  if (!CONCURRENTLY.test(statement)) return null;
  const [, name, table] = CREATE_INDEX.exec(statement) ?? [];
  if (name === undefined || table === undefined) {
    throw new Error(
      `${migration} must be one statement: CREATE INDEX CONCURRENTLY name ON public.table (...);`,
    );
  }
  return { name, table, statement };
}

/** The same index, built in a transaction: for a database that no other process uses. */
export function plainly({ sql }: Migration): string {
  return sql.replace('CREATE INDEX CONCURRENTLY', 'CREATE INDEX');
}
