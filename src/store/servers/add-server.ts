/** Makes a database of another server ready for places, and gives it a copy of the catalogue (docs/adr/0070-places.md). */
import { HOME } from '../../domain/place.js';
import { migrate } from '../migrate.js';
import { readServers } from './place-map.js';
import { type Replication, replicate, untilCopied } from './replication.js';
import { mayCopy } from './server-rights.js';
import {
  addressOf,
  type Installation,
  named,
  type ServerSession,
  settingOf,
  withSessions,
} from './server-sessions.js';
import { ServersError } from './servers-error.js';

const NAME = /^[a-z][a-z0-9_]{0,29}$/;

/** Of the publication and the subscription. */
export const CATALOGUE = 'tollgate_catalogue';

/** Without secrets: keys and tokens are checked at home. A column is copied only if it is named here. */
export const CATALOGUE_TABLES = [
  'public.projects (id, name, catalog_version, created_at)',
  'public.features',
  'public.credit_costs',
  'public.removed_features',
];

/** The slot of the copy that a server has. */
export async function catalogueSlot(
  { client }: Pick<ServerSession, 'client'>,
  name: string,
): Promise<string> {
  const { rows } = await client.query<{ slot: string }>(
    `SELECT 'tollgate_' || oid || '_${name}' AS slot FROM pg_database WHERE datname = current_database()`,
  );
  return rows[0]?.slot ?? '';
}

/** Can be repeated after an interruption. Returns whether it was added by this call. */
export async function addServer(installation: Installation, name: string): Promise<boolean> {
  refuseName(name);
  if (installation.places === 1) throw new ServersError(ONE_PLACE);
  const address = addressOf(installation, name);
  return withSessions(installation, async (open) => {
    const home = await open(HOME);
    const server = await open(name);
    // A database that is another server's already is found out.
    for (const other of await readServers(home.client)) await open(other);
    await mayCopy(home, server);
    await refuseFilled(server);
    const { connectTimeoutMs, places, say } = installation;
    await migrate({ address, connectTimeoutMs, places, isHome: false, say, warn: say });
    const slot = await catalogueSlot(home, name);
    const copy: Replication = {
      source: home,
      target: server,
      name: CATALOGUE,
      slot,
      tables: CATALOGUE_TABLES,
    };
    await replicate(copy);
    await untilCopied(copy);
    const { rowCount } = await home.client.query(
      'INSERT INTO public.servers (name) VALUES ($1) ON CONFLICT DO NOTHING',
      [name],
    );
    return rowCount === 1;
  });
}

const ONE_PLACE =
  'Customers are in one place, which stays on its server. Only an installation that began with PLACES above 1 can have several servers.';

function refuseName(name: string): void {
  if (name !== HOME && NAME.test(name)) return;
  throw new ServersError(
    `${JSON.stringify(name)} cannot be the name of a server. A name is up to 30 of a-z, 0-9 and _, begins with a letter, and is not ${HOME}.`,
  );
}

/** What is there of an earlier attempt has a subscription, or no projects yet. */
const FILLED = `SELECT EXISTS (SELECT FROM public.projects) AND NOT EXISTS (SELECT FROM pg_subscription WHERE subname = '${CATALOGUE}'
  AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())) AS filled`;

async function refuseFilled({ name, client }: ServerSession): Promise<void> {
  const { rows: tables } = await client.query<{ exists: boolean }>(
    "SELECT to_regclass('public.projects') IS NOT NULL AS exists",
  );
  if (tables[0]?.exists !== true) return;
  const { rows } = await client.query<{ filled: boolean }>(FILLED);
  if (rows[0]?.filled !== true) return;
  throw new ServersError(
    `The database of ${named(name)} (${settingOf(name)}) has projects already. Give an empty one.`,
  );
}
