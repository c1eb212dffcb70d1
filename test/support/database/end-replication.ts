/** What keeps PostgreSQL from dropping a database: that it is copied to another one, or that another one is copied to it. */
import { setTimeout as delay } from 'node:timers/promises';
import { withClient } from './connections.js';

const SUBSCRIPTIONS = `SELECT format('%I', subname) AS name FROM pg_subscription
  WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = $1)`;

/** The other server, which may have been stopped before, is not asked to remove anything. */
const leave = (name: string) => [
  `ALTER SUBSCRIPTION ${name} DISABLE`,
  `ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`,
  `DROP SUBSCRIPTION ${name}`,
];

const SENDERS =
  'SELECT active_pid FROM pg_replication_slots WHERE database = $1 AND active_pid > 0';

/** Ends both; slots that are not in use are dropped with the database. */
export async function endReplication(serverUrl: string, database: string): Promise<void> {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  await withClient(url.href, async (client) => {
    const { rows } = await client.query<{ name: string }>(SUBSCRIPTIONS, [database]);
    for (const statement of rows.flatMap(({ name }) => leave(name))) await client.query(statement);
    // A subscriber that has not been dropped would come back at once.
    await client.query(`SELECT pg_terminate_backend(active_pid) FROM (${SENDERS}) AS senders`, [
      database,
    ]);
  });
  await delay(10);
}
