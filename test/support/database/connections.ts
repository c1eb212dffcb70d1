/**
 * The connections that tests make themselves, beside the gateways'. A server that ends one of them, as it does where
 * its database is dropped, would else end the whole test run: an error without a listener is nobody's.
 */
import pg from 'pg';

/** By their database's address. */
const opened = new Map<string, Set<pg.Client | pg.Pool>>();

export async function connect(
  connectionString: string,
  config: pg.ClientConfig = {},
): Promise<pg.Client> {
  const client = new pg.Client({ ...config, connectionString });
  // The query under way rejects with the same error.
  client.on('error', ignore);
  await client.connect();
  client.once('end', () => opened.get(connectionString)?.delete(client));
  return remember(connectionString, client);
}

export function openPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString, max });
  pool.on('error', ignore);
  return remember(connectionString, pool);
}

/** A connection for as long as the work lasts. */
export async function withClient<Result>(
  connectionString: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(connectionString);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Before the database is dropped: a test that has failed may have left some, waiting for whatever it was. */
export async function endConnections(connectionString: string): Promise<void> {
  const left = [...(opened.get(connectionString) ?? [])];
  opened.delete(connectionString);
  await Promise.all(left.map(end));
}

function remember<One extends pg.Client | pg.Pool>(connectionString: string, one: One): One {
  const others = opened.get(connectionString) ?? new Set();
  opened.set(connectionString, others.add(one));
  return one;
}

function ignore(): void {
  return;
}

async function end(connection: pg.Client | pg.Pool): Promise<void> {
  if (connection instanceof pg.Client) return connection.end();
  if (connection.ended || connection.ending) return;
  const ended = connection.end();
  // One in use is waited for by the pool, and ended by the server.
  if (connection.idleCount === connection.totalCount) await ended;
}
