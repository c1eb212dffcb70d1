/**
 * The connections that tests open themselves, besides those of the gateways. If the server ended one of them, as it does
 * when its database is dropped, the error would end the whole test run without a listener.
 */
import pg from 'pg';

/** Of the places of a database, where it has several: see places.ts. */
const VIEWS: pg.ClientConfig =
  process.env['TEST_PLACES'] === undefined ? {} : { options: '-c search_path=every_place,public' };

/** By database URL. */
const opened = new Map<string, Set<pg.Client | pg.Pool>>();

export async function connect(
  connectionString: string,
  config: pg.ClientConfig = {},
): Promise<pg.Client> {
  const client = new pg.Client({ ...VIEWS, ...config, connectionString });
  // The query in progress rejects with the same error.
  client.on('error', ignore);
  await client.connect();
  client.once('end', () => opened.get(connectionString)?.delete(client));
  return register(connectionString, client);
}

export function openPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({ ...VIEWS, connectionString, max });
  pool.on('error', ignore);
  return register(connectionString, pool);
}

/** A connection for the duration of the work. */
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

/** Called before the database is dropped, because a failed test may have left connections open. */
export async function endConnections(connectionString: string): Promise<void> {
  const left = [...(opened.get(connectionString) ?? [])];
  opened.delete(connectionString);
  await Promise.all(left.map(end));
}

function register<One extends pg.Client | pg.Pool>(connectionString: string, one: One): One {
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
  // The pool waits for connections in use, which the server ends.
  if (connection.idleCount === connection.totalCount) await ended;
}
