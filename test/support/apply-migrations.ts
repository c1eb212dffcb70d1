import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

const FOLDER = new URL('../../prisma/migrations/', import.meta.url).pathname;

/** Applies the migrations to a database. */
export async function applyMigrations(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const folders = await fs.readdir(FOLDER, { withFileTypes: true });
    const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    for (const name of names.sort()) {
      const file = join(FOLDER, name, 'migration.sql');
      await client.query(await fs.readFile(file, 'utf8').catch(() => ''));
    }
  } finally {
    await client.end();
  }
}
