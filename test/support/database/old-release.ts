/** A database as an earlier release has left it. */
import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';
import { sha256Hex } from '../../../src/platform/digest.js';

const FOLDER = new URL('../../../prisma/migrations/', import.meta.url);

/** The migrations of that release. */
export const OLD = ['0001_init', '0002_cheap_checks'];

/** The text of a migration. */
export function textOf(name: string): Promise<string> {
  return readFile(new URL(`${name}/migration.sql`, FOLDER), 'utf8');
}

/** Records a migration as applied, as docs/operations.md describes. */
export async function recordMigration(client: pg.Client, name: string): Promise<void> {
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
      VALUES (gen_random_uuid(), $1, $2, now())`,
    [sha256Hex(await textOf(name)), name],
  );
}

/** Applies them to an empty database as Prisma does; returns the names of those that have been added since. */
export async function installOldRelease(client: pg.Client): Promise<string[]> {
  await client.query(`CREATE TABLE _prisma_migrations (
    id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
    migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count int NOT NULL DEFAULT 0)`);
  for (const name of OLD) {
    await client.query(await textOf(name));
    await recordMigration(client, name);
  }
  const names = (await readdir(FOLDER)).filter((name) => /^\d/.test(name)).toSorted();
  return names.filter((name) => !OLD.includes(name));
}
