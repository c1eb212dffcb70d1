/** The copy of a place on the server to which it is moved. */
import { CUSTOMER_TABLES } from '../customer-tables.js';
import { closeNew } from '../fence.js';
import { numberOf, type Place } from '../placed.js';
import { makePlaceWith } from '../places/make-places.js';
import { PLACE_CHECK, placeCheck } from '../places/place-check.js';
import { copyRanges } from '../ranges/copy-ranges.js';
import { rangedTables } from '../ranges/ranged-tables.js';
import { readRanges } from '../ranges/read-ranges.js';
import { inOne, named, type ServerSession } from './server-sessions.js';
import { ServersError } from './servers-error.js';

export interface Copying {
  readonly source: ServerSession;
  readonly target: ServerSession;
  readonly place: Place;
  /** How many places there are. */
  readonly places: number;
}

/** What the schema of a copy says until it has become the place. Nothing else may be dropped. */
const FILLING = 'A copy of a place that is being filled (npm run places -- status).';

/**
 * Makes it like `public` of its own server, with the ranges that the place has, and closed: nothing but replication writes to it until it
 * is opened.
 */
export async function makeCopy(copying: Copying): Promise<void> {
  const { source, target, place, places } = copying;
  const { client } = target;
  await inOne(target, async () => {
    await makePlaceWith(client, place, () => copyRanges(source.client, client, place));
    // It is like that of place 0, or that of a server without any.
    await client.query(
      `ALTER TABLE ${place}.customers DROP CONSTRAINT IF EXISTS ${PLACE_CHECK},
        ADD CONSTRAINT ${PLACE_CHECK} ${placeCheck(numberOf(place), places)}`,
    );
    await closeNew(client, place, `npm run places -- move ${numberOf(place)} ${target.name}`);
    await client.query(`COMMENT ON SCHEMA ${place} IS '${FILLING}'`);
  });
}

/** Drops it, whether or not there is one. */
export async function dropCopy(where: Pick<Copying, 'target' | 'place'>): Promise<void> {
  const { target, place } = where;
  if (await hasCopy(where)) await target.client.query(`DROP SCHEMA ${place} CASCADE`);
}

/** Throws if there is another schema of that name, which must not be dropped. */
export async function hasCopy({
  target,
  place,
}: Pick<Copying, 'target' | 'place'>): Promise<boolean> {
  const { rows } = await target.client.query<{ comment: string | null }>(
    `SELECT obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = $1`,
    [place],
  );
  const [found] = rows;
  if (found === undefined || found.comment === FILLING) return found !== undefined;
  throw new ServersError(
    `On ${named(target.name)}, there is a schema ${place} that is no copy of a move: as by a backup that was restored there. Nothing was changed. ` +
      'See what it has, then rename or drop it, and run this again.',
  );
}

export async function hasSchema({ client }: ServerSession, schema: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  return rowCount === 1;
}

/** What the schema of a place that has moved says. */
export async function noteEpoch({ client }: ServerSession, place: Place, epoch: number) {
  await client.query(`COMMENT ON SCHEMA ${place} IS 'Moved here; epoch ${epoch}.'`);
}

/** Whether both have the same ranges: those of the place have changed since if the process was gone meanwhile. */
export async function hasSameRanges({ source, target, place }: Copying): Promise<boolean> {
  if (!(await hasSchema(target, place))) return false;
  for (const table of rangedTables(place)) {
    const [ours, theirs] = await Promise.all(
      [source, target].map(async ({ client }) =>
        (await readRanges(client, table)).map(({ name, from, to }) => [name, from, to]),
      ),
    );
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) return false;
  }
  return true;
}

/** The tables as a publication names them. */
export function tablesOf(place: Place): readonly string[] {
  return CUSTOMER_TABLES.map((table) => `${place}.${table}`);
}
