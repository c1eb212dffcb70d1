/** The schemas of places, which are made like `public` of the same database, and the record of how many there are. */
import type pg from 'pg';
import { MigrationError, refuse } from '../check-server.js';
import { CUSTOMER_TABLES } from '../customer-tables.js';
import { mayAnswerLater, messageOf, sqlStateOf } from '../failure.js';
import { lockMigrations } from '../migration-lock.js';
import { record } from '../migration-record.js';
import { endWithClient } from '../migration-session.js';
import { PLACE_0, type Place, placesOf } from '../placed.js';
import { rangesLike } from '../ranges/copy-ranges.js';
import { HAS_CUSTOMERS, home, inOnePlace, notHome, otherNumber } from './number-of-places.js';
import { NO_CUSTOMERS, PLACE_CHECK, placeCheck, READ_PLACE_CHECK } from './place-check.js';
import { rightsFor, statementsFor } from './place-statements.js';
import { placesRecord, readPlaces } from './places-record.js';

export interface PlacesOptions {
  /** How many there are to be. */
  readonly places: number;
  /** Whether it is the server of the catalogue. Another one has no places but those that are moved to it. */
  readonly isHome: boolean;
  /** Tells that another process is migrating. */
  readonly tellOnce: () => void;
}

/** Makes the places of a database that is new; throws if an older one has another number of them, or is of the other kind. */
export async function keepPlaces(
  client: pg.Client,
  { places, isHome, tellOnce }: PlacesOptions,
): Promise<void> {
  if ((await readPlaces(client)) === places) return refuseOtherKind(client, places, isHome);
  await client.query('BEGIN');
  try {
    await endWithClient(client);
    await lockMigrations(client, tellOnce);
    await client.query("SET LOCAL client_min_messages = 'warning'");
    const recorded = await readPlaces(client);
    if (recorded !== places) {
      if (recorded > 1) refuse([otherNumber(recorded, places)]);
      await makePlaces(client, places, isHome);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** A server in the place of another one: with an address that is another server's, customers would be missing. */
async function refuseOtherKind(client: pg.Client, places: number, isHome: boolean): Promise<void> {
  if (places === 1) return;
  const { rows } = await client.query<{ fact: string }>({ text: READ_PLACE_CHECK, values: [] });
  if ((rows[0]?.fact !== NO_CUSTOMERS) !== isHome) refuse([isHome ? notHome : home]);
}

async function makePlaces(client: pg.Client, count: number, isHome: boolean): Promise<void> {
  const others = isHome ? placesOf(count).slice(1) : [];
  try {
    // With it, definitions name the schemas of what they refer to.
    await client.query("SET LOCAL search_path = ''");
    // A gateway of one place may be running.
    await client.query(`LOCK TABLE ${PLACE_0}.customers IN SHARE ROW EXCLUSIVE MODE`);
    const { rows } = await client.query<{ used: boolean }>(HAS_CUSTOMERS);
    if (rows[0]?.used === true) refuse([inOnePlace(count)]);
    for (const place of others) await makePlace(client, place);
    for (const [number, place] of [PLACE_0, ...others].entries()) {
      const check = isHome ? placeCheck(number, count) : NO_CUSTOMERS;
      await client.query(`ALTER TABLE ${place}.customers ADD CONSTRAINT ${PLACE_CHECK} ${check}`);
    }
    await record(client, { name: placesRecord(count), checksum: '' });
  } catch (error) {
    throw explained(error);
  }
}

const INSUFFICIENT_PRIVILEGE = '42501';

function explained(cause: unknown): unknown {
  if (cause instanceof MigrationError || !(cause instanceof Error)) return cause;
  // A server that is restarted is waited for.
  if (sqlStateOf(cause) === null || mayAnswerLater(cause)) return cause;
  const advice =
    sqlStateOf(cause) === INSUFFICIENT_PRIVILEGE
      ? ' Each place is a schema: as a superuser or the owner of the database, grant its role CREATE ON DATABASE, or run `npm run db:migrate` as a role that has it.'
      : '';
  return new MigrationError(`The places could not be made: ${messageOf(cause)}.${advice}`, {
    cause,
  });
}

/** Makes the schema of a place with the tables that `public` has, all of them empty. */
async function makePlace(client: pg.Client, place: Place): Promise<void> {
  await makePlaceWith(client, place, () => rangesLike(client, PLACE_0, place));
}

/** The same with other ranges. Nothing of the search path of the transaction may be `public`. */
export async function makePlaceWith(
  client: pg.Client,
  place: Place,
  makeRanges: () => Promise<void>,
): Promise<void> {
  await client.query(`CREATE SCHEMA ${place}`);
  for (const table of CUSTOMER_TABLES) {
    for (const sql of await statementsFor(client, place, table)) await client.query(sql);
  }
  await makeRanges();
  for (const sql of await rightsFor(client, place)) await client.query(sql);
}
