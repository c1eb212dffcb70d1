import { CUSTOMER_TABLES } from '../../../src/store/customer-tables.js';
import type { Place } from '../../../src/store/placed.js';
import { withClient } from './connections.js';

/** Moves the tables of customers, with their ranges, to a schema of this name. */
export async function moveCustomers(databaseUrl: string, place: Place): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class AS c
        LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid LEFT JOIN pg_class AS whole ON whole.oid = i.inhparent
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND coalesce(whole.relname, c.relname) = ANY ($1)`,
      [CUSTOMER_TABLES],
    );
    const moves = rows.map(({ name }) => `ALTER TABLE ${name} SET SCHEMA ${place}`);
    await client.query([`CREATE SCHEMA ${place}`, ...moves].join(';'));
  });
}
