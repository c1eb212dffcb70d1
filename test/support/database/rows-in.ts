import { connectOnce, type DatabaseAddress } from '../../../src/store/database.js';

/** All rows of all tables, as texts. */
export async function rowsIn(address: DatabaseAddress): Promise<Record<string, string[]>> {
  const client = await connectOnce(address, 10_000);
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class
        WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace`,
    );
    const all: Record<string, string[]> = {};
    for (const { name } of tables.rows.filter(({ name }) => name !== '_prisma_migrations')) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      all[name] = rows.map(({ row }) => row).sort();
    }
    return all;
  } finally {
    await client.end();
  }
}
