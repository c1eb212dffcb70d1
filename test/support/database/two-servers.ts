/**
 * Databases whose places are on two servers, for `TEST_SERVERS=2`: those with an odd number are on the second one. It has a database of
 * the same name, to which the catalogue is copied as `add-server` has it done.
 */
import { CUSTOMER_TABLES } from '../../../src/store/customer-tables.js';
import { migrate } from '../../../src/store/migrate.js';
import { numberOf, type Place, placesOf } from '../../../src/store/placed.js';
import {
  CATALOGUE,
  CATALOGUE_TABLES,
  catalogueSlot,
} from '../../../src/store/servers/add-server.js';
import { withClient } from './connections.js';
import {
  createDatabaseOn,
  type Template,
  type TestDatabase,
  uniqueName,
  withDatabase,
} from './databases.js';
import { customerIn } from './places.js';
import { setServers } from './servers.js';

/** How many places such a database has; the settings of tests are not those of the global setup. */
const PLACES = 8;

/** How the map and the settings name the second one. */
export const SECOND = 'second';

/** Whether a place is on the second server, by its number. */
export function isOnSecond(place: number): boolean {
  return place % 2 === 1;
}

/** The id of a customer whose place is there. */
export function customerOn(server: 'home' | 'second', projectId: string, prefix = 'ada'): string {
  return customerIn(server === 'home' ? 2 : 1, projectId, prefix);
}

const isOn = (place: Place, server: 'home' | 'second') =>
  isOnSecond(numberOf(place)) === (server === 'second');

/** Connection strings of superusers. */
export interface TwoServers {
  readonly home: string;
  readonly second: string;
}

/** A template of one name on each server. */
export async function createTemplates(servers: TwoServers): Promise<Template> {
  const name = uniqueName('tollgate_template');
  const at = { home: withDatabase(servers.home, name), second: withDatabase(servers.second, name) };
  await Promise.all(
    (['home', 'second'] as const).map(async (server) => {
      await execute(servers[server], [`CREATE DATABASE ${name}`]);
      const address = { connectionString: at[server] };
      await migrate({ address, connectTimeoutMs: 10_000, places: PLACES });
      const others = placesOf(PLACES).filter((place) => place !== 'public' && !isOn(place, server));
      await execute(at[server], [`DROP SCHEMA ${others.join(', ')} CASCADE`]);
    }),
  );
  await execute(at.second, [
    'ALTER TABLE public.customers DROP CONSTRAINT customers_place',
    'ALTER TABLE public.customers ADD CONSTRAINT customers_place CHECK (false)',
    ...viewsOf(placesOf(PLACES).filter((place) => isOn(place, 'second'))),
  ]);
  await execute(at.home, [
    `INSERT INTO public.servers (name) VALUES ('${SECOND}')`,
    `INSERT INTO public.places (number, server, epoch)
      SELECT number, '${SECOND}', 1 FROM generate_series(1, ${PLACES - 1}, 2) AS number`,
    `CREATE PUBLICATION ${CATALOGUE} FOR TABLE ${CATALOGUE_TABLES.join(', ')}`,
    ...foreignTables(at.second),
    ...viewsOf([...placesOf(PLACES).filter((place) => isOn(place, 'home')), SECOND]),
  ]);
  for (const server of [servers.home, servers.second]) {
    // No more connections: a template with a session on it cannot be copied.
    await execute(server, [`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`]);
  }
  const drop = (server: string) =>
    execute(server, [`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]);
  return {
    name,
    drop: async () => void (await Promise.all([servers.home, servers.second].map(drop))),
  };
}

/** What a test reads by itself, it reads of all places: see places.ts. */
function viewsOf(schemas: readonly string[]): string[] {
  const views = CUSTOMER_TABLES.map((table) => {
    const tables = schemas.map((schema) => `SELECT * FROM ${schema}.${table}`);
    return `CREATE VIEW every_place.${table} AS ${tables.join(' UNION ALL ')}`;
  });
  return ['CREATE SCHEMA every_place', ...views];
}

/** Once places have moved to and fro: views stay with the tables that they were made for, which moves have left. */
export async function viewAgain(homeUrl: string, secondUrl: string): Promise<void> {
  const all = placesOf(PLACES);
  const drop = 'DROP SCHEMA every_place CASCADE';
  await execute(secondUrl, [drop, ...viewsOf(all.filter((place) => isOn(place, 'second')))]);
  await execute(homeUrl, [
    drop,
    ...viewsOf([...all.filter((place) => isOn(place, 'home')), SECOND]),
  ]);
}

/** The views of the second server, as tables of the first. */
function foreignTables(second: string): string[] {
  const { hostname, port, pathname, username, password } = new URL(second);
  return [
    `CREATE SCHEMA ${SECOND}`,
    `CREATE EXTENSION postgres_fdw SCHEMA ${SECOND}`,
    `CREATE SERVER ${SECOND} FOREIGN DATA WRAPPER postgres_fdw
      OPTIONS (host '${hostname}', port '${port}', dbname '${pathname.slice(1)}', fetch_size '10000', updatable 'false')`,
    `CREATE USER MAPPING FOR CURRENT_USER SERVER ${SECOND} OPTIONS (user '${username}', password '${password}')`,
    `IMPORT FOREIGN SCHEMA every_place FROM SERVER ${SECOND} INTO ${SECOND}`,
  ];
}

/** A copy of the templates. */
export async function createOnTwoServers(
  servers: TwoServers,
  template: string,
): Promise<TestDatabase> {
  const name = uniqueName('tollgate_test');
  const [second, home] = await Promise.all([
    createDatabaseOn(servers.second, template, name),
    createDatabaseOn(servers.home, template, name),
  ]);
  await execute(home.url, [`ALTER SERVER ${SECOND} OPTIONS (SET dbname '${name}')`]);
  // Both are empty: nothing is to be copied first.
  const slot = await withClient(home.url, (client) => catalogueSlot({ client }, SECOND));
  await execute(second.url, [
    `CREATE SUBSCRIPTION ${CATALOGUE} CONNECTION '${home.url}' PUBLICATION ${CATALOGUE}
      WITH (copy_data = false, slot_name = ${slot})`,
  ]);
  const others = new Map([[SECOND, second.url]]);
  setServers(home.url, others);
  return {
    url: home.url,
    servers: others,
    drop: async () => {
      setServers(home.url, new Map());
      await second.drop();
      await home.drop();
    },
  };
}

/** Lets a test read at home what a table in `public` has on each server. */
export async function showBoth(homeUrl: string, table: string): Promise<void> {
  await execute(homeUrl, [
    `IMPORT FOREIGN SCHEMA public LIMIT TO (${table}) FROM SERVER ${SECOND} INTO ${SECOND}`,
    `CREATE VIEW every_place.${table} AS SELECT * FROM public.${table} UNION ALL SELECT * FROM ${SECOND}.${table}`,
  ]);
}

async function execute(url: string, statements: readonly string[]): Promise<void> {
  await withClient(url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}
