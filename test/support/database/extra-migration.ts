/** The migrations of this release and one more, which builds an index while gateways are running. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const EXTRA = '9000_customers_by_name';
export const EXTRA_INDEX = 'customers_by_name';
export const EXTRA_SQL = `-- A comment; another one.
CREATE INDEX CONCURRENTLY ${EXTRA_INDEX} ON public.customers (project_id, name);
`;

const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

export interface MigrationFolder {
  readonly folder: URL;
  remove(): void;
}

export function folderWithExtra(sql = EXTRA_SQL): MigrationFolder {
  const place = mkdtempSync(join(tmpdir(), 'tollgate-migrations-'));
  cpSync(MIGRATIONS, place, { recursive: true });
  mkdirSync(join(place, EXTRA));
  writeFileSync(join(place, EXTRA, 'migration.sql'), sql);
  return {
    folder: pathToFileURL(`${place}/`),
    remove: () => rmSync(place, { recursive: true, force: true }),
  };
}
