/**
 * The fence keeps everything from being written to what belongs to customers (docs/adr/0070-places.md). It is a trigger of their
 * tables, so it applies to every gateway of every release, and costs nothing while it is not there.
 */
import { CUSTOMER_TABLES } from './customer-tables.js';
import { CLOSED_STATE, failureOf } from './failure.js';
import { numberOf, type Place } from './placed.js';
import {
  inTransaction,
  LOCKED,
  type RangeClient,
  type RangeSessions,
  underLock,
} from './ranges/range-session.js';
import { retrying } from './retry.js';

/** One for each place, which is opened and closed by itself. */
export interface Fence {
  readonly places: readonly Place[];
  /**
   * From when it resolves, nothing is written there until the fence is opened, and what was in progress has been. Returns since when the
   * fence has been closed.
   */
  close(place: Place): Promise<string>;
  /** Everything can be written there as soon as it resolves. */
  open(place: Place): Promise<Opened>;
  /** Since when each place has been closed, in ISO 8601; null if it is open. */
  closedSince(): Promise<ReadonlyMap<Place, string | null>>;
}

export interface Opened {
  readonly wasClosed: boolean;
  /** Whether the triggers are gone. Those that are left refuse nothing, and go when it is opened again. */
  readonly isRemoved: boolean;
}

export interface FenceOptions extends Omit<RangeSessions, 'ending'> {
  readonly places: readonly Place[];
}

const FUNCTION = 'tollgate_refuse_closed';
const TRIGGER = 'tollgate_closed';

/** Beside the keys of migrations, sweepers and ranges. Those who open or close take turns. */
const TAKE_TURNS = 'SELECT pg_advisory_xact_lock(72707372)';

/**
 * The places of the database, and since when each has been closed. Commands and the doctor know by the comment, which changes together
 * with the body, whether the function refuses.
 */
export const CLOSED_SINCE = `SELECT n.nspname AS place,
    (SELECT obj_description(p.oid, 'pg_proc') FROM pg_proc AS p
      WHERE p.pronamespace = n.oid AND p.proname = '${FUNCTION}' AND p.pronargs = 0
        AND EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgfoid = p.oid)) AS since
  FROM pg_namespace AS n WHERE n.nspname ~ '^(public|place_[0-9]+)$'
    AND EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = n.oid AND c.relname = 'customers')
  ORDER BY length(n.nspname), n.nspname`;

export interface PlaceState {
  readonly place: Place;
  readonly since: string | null;
}

export function fenceOf({ places, ...sessions }: FenceOptions): Fence {
  const ending = new AbortController().signal;
  const inTurn = <Result>(work: (client: RangeClient) => Promise<Result>) =>
    retrying(
      () =>
        inTransaction({ ...sessions, ending }, async (client) => {
          await client.query(TAKE_TURNS);
          return work(client);
        }),
      () => true,
    );
  return {
    places,
    close: (place) =>
      inTurn(async (client) => {
        const already = await readClosedSince(client, place);
        if (already !== null) return already;
        const since = await readTime(client);
        const names = CUSTOMER_TABLES.map((table) => `${place}.${table}`);
        const refuses = refusing(commandToOpen(place, places));
        await underLock(client, names, () => raise(client, place, refuses, since), ending);
        return since;
      }),
    async open(place) {
      const wasClosed = await inTurn(async (client) => {
        if ((await readClosedSince(client, place)) === null) return false;
        // It needs no lock, for which a backup could have to be waited for.
        await define(client, place, 'RETURN NULL;', 'NULL');
        return true;
      });
      return { wasClosed, isRemoved: await inTurn((client) => remove(client, place)) };
    },
    closedSince: () =>
      inTurn(async (client) => {
        const states = await readStates(client);
        return new Map(places.map((place) => [place, sinceIn(states, place)]));
      }),
  };
}

/** What opens a place; its number is not needed if there is no other one. */
export function commandToOpen(place: Place, places: readonly Place[]): string {
  const number = places.length === 1 ? '' : ` ${numberOf(place)}`;
  return `npm run places -- open${number}`;
}

/** Closes a place that is being made, within the transaction of the caller. The hint says what opens it. */
export async function closeNew(client: RangeClient, place: Place, hint: string): Promise<void> {
  await raise(client, place, refusing(hint), await readTime(client));
}

/** Earlier releases know the class of the state, and answer that nothing was written. */
function refusing(hint: string): string {
  return `RAISE EXCEPTION USING ERRCODE = '${CLOSED_STATE}',
    MESSAGE = 'customers are closed to writes', HINT = '${hint}';`;
}

/**
 * Making a trigger waits for those who are writing to its table, and those who come then wait for it (`SHARE ROW EXCLUSIVE`): a statement that
 * has waited sees the trigger, and those that were let in before have ended.
 */
async function raise(
  client: RangeClient,
  place: Place,
  refuses: string,
  since: string,
): Promise<void> {
  await define(client, place, refuses, `'${since}'`);
  for (const table of CUSTOMER_TABLES) {
    await client.query(`CREATE OR REPLACE TRIGGER ${TRIGGER} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE
      ON ${place}.${table} FOR EACH STATEMENT EXECUTE FUNCTION ${place}.${FUNCTION}()`);
  }
}

async function define(
  client: RangeClient,
  place: Place,
  body: string,
  comment: string,
): Promise<void> {
  await client.query(
    `CREATE OR REPLACE FUNCTION ${place}.${FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$`,
  );
  await client.query(`COMMENT ON FUNCTION ${place}.${FUNCTION}() IS ${comment}`);
}

/** It gives way to whatever reads the tables, as often as it is tried. Another session may have closed them meanwhile: then nothing is left over. */
async function remove(client: RangeClient, place: Place): Promise<boolean> {
  if ((await readClosedSince(client, place)) !== null) return true;
  await client.query('SAVEPOINT present');
  try {
    await client.query("SET LOCAL lock_timeout = '200ms'");
    await client.query(`DROP FUNCTION IF EXISTS ${place}.${FUNCTION}() CASCADE`);
    return true;
  } catch (error) {
    if (!LOCKED.has(failureOf(error))) throw error;
    await client.query('ROLLBACK TO present');
    return false;
  }
}

async function readClosedSince(client: RangeClient, place: Place): Promise<string | null> {
  return sinceIn(await readStates(client), place);
}

async function readStates(client: RangeClient): Promise<readonly PlaceState[]> {
  return (await client.query<PlaceState>(CLOSED_SINCE)).rows;
}

function sinceIn(states: readonly PlaceState[], place: Place): string | null {
  return states.find((state) => state.place === place)?.since ?? null;
}

async function readTime(client: RangeClient): Promise<string> {
  const { rows } = await client.query<{ now: Date }>(
    "SELECT date_trunc('milliseconds', clock_timestamp()) AS now",
  );
  return (rows[0]?.now ?? new Date(Number.NaN)).toISOString();
}
