/** The schemas that moves have left behind: what a place was at the end of its time on a server. Nothing reads or writes them. */
import { HOME } from '../../domain/place.js';
import { readPlaceMap, readServers } from './place-map.js';
import { type Installation, type ServerSession, withSessions } from './server-sessions.js';
import { ServersError } from './servers-error.js';

/** Drops those of a server, or of all. Returns their names, with the server. */
export async function dropLeft(
  installation: Installation,
  server: string | null,
): Promise<readonly string[]> {
  return withSessions(installation, async (open) => {
    const home = await open(HOME);
    const all = [HOME, ...(await readServers(home.client))];
    if (server !== null && !all.includes(server)) {
      throw new ServersError(`No server was added as ${server}. There are: ${all.join(', ')}.`);
    }
    // What is being moved away is not left before its copy is open.
    const map = await readPlaceMap(home.client);
    const moving = [...map.values()].filter(({ move }) => move !== null).map((at) => at.number);
    const dropped: string[] = [];
    for (const name of server === null ? all : [server]) {
      const session = await open(name);
      for (const schema of await leftOn(session)) {
        if (moving.includes(Number(schema.split('_')[1]))) continue;
        await session.client.query(`DROP SCHEMA ${schema} CASCADE`);
        dropped.push(`${schema} on ${name}`);
      }
    }
    return dropped;
  });
}

export async function leftOn({ client }: Pick<ServerSession, 'client'>): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname ~ '^left_[0-9]+_[0-9]+$' ORDER BY 1",
  );
  return rows.map(({ name }) => name);
}
