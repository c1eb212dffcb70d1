/** The schemas of places, which are made like `public` of the same database, and the record of how many there are. */
import type pg from 'pg';
import { MigrationError } from '../check-server.js';
import { CUSTOMER_TABLES } from '../customer-tables.js';
import { messageOf, sqlStateOf } from '../failure.js';
import { lockMigrations } from '../migration-lock.js';
import { record } from '../migration-record.js';
import { endWithClient } from '../migration-session.js';
import { PLACE_0, type Place, placesOf } from '../placed.js';
import { rangesLike } from '../ranges/copy-ranges.js';
import { rightsFor, statementsFor } from './place-statements.js';
import { placesRecord, readPlaces } from './places-record.js';

export interface PlacesOptions {
  /** How many there are to be. */
  readonly places: number;
  /** Tells that another process is migrating. */
  readonly tellOnce: () => void;
}

/** Makes the places of a database that is new; throws if an older one has another number of them. */
export async function keepPlaces(
  client: pg.Client,
  { places, tellOnce }: PlacesOptions,
): Promise<void> {
  if ((await readPlaces(client)) === places) return;
  await client.query('BEGIN');
  try {
    await endWithClient(client);
    await lockMigrations(client, tellOnce);
    await client.query("SET LOCAL client_min_messages = 'warning'");
    const recorded = await readPlaces(client);
    if (recorded !== places) {
      if (recorded > 1) throw new MigrationError(otherNumber(recorded, places));
      await makePlaces(client, places);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function otherNumber(recorded: number, places: number): string {
  return `The database has ${recorded} places, and PLACES is ${places}. The number cannot be changed. Set PLACES=${recorded}.`;
}

async function makePlaces(client: pg.Client, count: number): Promise<void> {
  const [, ...others] = placesOf(count);
  try {
    // With it, definitions name the schemas of what they refer to.
    await client.query("SET LOCAL search_path = ''");
    // A gateway of one place may be running.
    await client.query(`LOCK TABLE ${PLACE_0}.customers IN SHARE ROW EXCLUSIVE MODE`);
    const { rows } = await client.query(`SELECT FROM ${PLACE_0}.customers LIMIT 1`);
    if (rows.length > 0) throw new MigrationError(inUse(count));
    for (const place of others) await makePlace(client, place);
    for (const [number, place] of placesOf(count).entries()) {
      await client.query(
        `ALTER TABLE ${place}.customers ADD CONSTRAINT customers_place CHECK (${isOfPlace(number, count)})`,
      );
    }
    await record(client, { name: placesRecord(count), checksum: '' });
  } catch (error) {
    throw explained(error);
  }
}

function inUse(places: number): string {
  return (
    `The database has customers, all in one place, and PLACES is ${places}. They can be divided only while there are none. Remove ` +
    'PLACES, or give an empty database.'
  );
}

const INSUFFICIENT_PRIVILEGE = '42501';

function explained(cause: unknown): unknown {
  if (cause instanceof MigrationError || !(cause instanceof Error)) return cause;
  if (sqlStateOf(cause) === null) return cause;
  const advice =
    sqlStateOf(cause) === INSUFFICIENT_PRIVILEGE
      ? ' Each place is a schema: as a superuser or the owner of the database, grant its role CREATE ON DATABASE, or run `npm run db:migrate` as a role that has it.'
      : '';
  return new MigrationError(`The places could not be made: ${messageOf(cause)}.${advice}`, {
    cause,
  });
}

/** Whatever writes a customer to another place than its own is refused: another release, another setting, or by hand. */
function isOfPlace(number: number, count: number): string {
  const first = (place: number) => {
    const digits = ((place * 256) / count).toString(16).padStart(2, '0');
    return `'${digits}000000-0000-0000-0000-000000000000'::uuid`;
  };
  const from = number === 0 ? [] : [`customer_key >= ${first(number)}`];
  const to = number === count - 1 ? [] : [`customer_key < ${first(number + 1)}`];
  return [...from, ...to].join(' AND ');
}

/** Makes the schema of a place with the tables that `public` has, all of them empty. */
async function makePlace(client: pg.Client, place: Place): Promise<void> {
  await client.query(`CREATE SCHEMA ${place}`);
  for (const table of CUSTOMER_TABLES) {
    for (const sql of await statementsFor(client, place, table)) await client.query(sql);
  }
  await rangesLike(client, PLACE_0, place);
  for (const sql of await rightsFor(client, place)) await client.query(sql);
}
