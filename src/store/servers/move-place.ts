/**
 * Moves a place to another server while calls go on (docs/adr/0070-places.md). How far it is stands in the map, so that the command, killed
 * anywhere, goes on from there, or back.
 */
import { HOME } from '../../domain/place.js';
import type { DatabaseAddress } from '../database.js';
import { type Fence, fenceOf } from '../fence.js';
import { type Place, placesOf } from '../placed.js';
import { RANGES_LOCK_KEY } from '../ranges/range-session.js';
import { comparable, difference } from './compare-places.js';
import {
  beginMove,
  leftBy,
  readPlace,
  recordMoved,
  recordStep,
  untilMapIsKnown,
} from './move-record.js';
import {
  dropCopy,
  hasCopy,
  hasSameRanges,
  hasSchema,
  makeCopy,
  noteEpoch,
  tablesOf,
} from './place-copy.js';
import { type MoveStep, type PlaceAt, readServers } from './place-map.js';
import {
  endReplication,
  hasArrived,
  type Replication,
  removePublication,
  replicate,
  untilCopied,
} from './replication.js';
import { mayCopy } from './server-rights.js';
import { type Installation, named, type ServerSession, withSessions } from './server-sessions.js';
import { ServersError } from './servers-error.js';

export interface MovePlaceOptions extends Installation {
  readonly number: number;
  /** The name of a server, or `HOME`. */
  readonly to: string;
  /** Called with each step once it is recorded, for tests. */
  readonly onStep?: (step: MoveStep | null) => Promise<void> | void;
  /** Whether the place is closed while the rest arrives: false is for a test that shows what is lost without. */
  readonly isFenced?: boolean;
}

export interface PlaceMoved {
  /** False if it was there already. */
  readonly isMoved: boolean;
  /** For how long it was closed, as far as this process knows. */
  readonly closedMs: number | null;
  /** Tables that were not compared, because that would have taken too long. */
  readonly notCompared: readonly string[];
}

/** What one run of the command knows. */
interface Move extends Replication {
  readonly options: MovePlaceOptions;
  readonly home: ServerSession;
  readonly at: PlaceAt;
  readonly place: Place;
  readonly places: number;
}

export function placeOfNumber(number: number, places: number): Place {
  const place = placesOf(places)[number];
  if (place === undefined) {
    const others = places === 1 ? 'There is one place, 0' : `Places are 0 to ${places - 1}`;
    throw new ServersError(`There is no place ${number}. ${others}.`);
  }
  if (number > 0) return place;
  throw new ServersError(
    'Place 0 stays on the server of the catalogue, in the schema public. The others can be moved away from it.',
  );
}

export async function movePlace(options: MovePlaceOptions): Promise<PlaceMoved> {
  const { number, to } = options;
  const place = placeOfNumber(number, options.places);
  return withSessions(options, async (open) => {
    const home = await open(HOME);
    if (to !== HOME && !(await readServers(home.client)).includes(to)) throw unknownServer(to);
    const at = await readPlace(home, number);
    refuseOther(at, to);
    if (at.move === null && at.server === to) return NOT_MOVED;
    // Once it is on the new server, its old one is the other.
    const isThere = at.move?.step === 'OPEN';
    if (isThere) return finish({ options, at, place, target: await open(to), home }, open);
    const source = await open(at.server);
    const target = await open(to);
    const replication = { source, target, name: nameOf(place), tables: tablesOf(place) };
    const slot = await slotOf(source, place);
    return run({ ...replication, slot, options, home, at, place, places: options.places });
  });
}

const NOT_MOVED: PlaceMoved = { isMoved: false, closedMs: null, notCompared: [] };

function unknownServer(name: string): ServersError {
  return new ServersError(
    `No server was added as ${name}: npm run places -- add-server ${name}. What there is, says npm run places -- status.`,
  );
}

function refuseOther({ number, move }: PlaceAt, to: string): void {
  if (move === null || (move.to === to && move.step !== 'BACK')) return;
  const back = `npm run places -- back ${number}`;
  throw new ServersError(
    move.step === 'BACK'
      ? `Its move is being undone. To end that: ${back}`
      : `Place ${number} is being moved to ${move.to}. To go on: npm run places -- move ${number} ${move.to}. To undo it: ${back}`,
  );
}

/** Of the publication and the subscription. */
export const nameOf = (place: Place) => `tollgate_${place}`;

/** The schema of a place that has moved for the so manieth time, on the server where it was. */
export const leftName = (number: number, epoch: number) => `left_${number}_${epoch - 1}`;

export function fenceAt(
  { places, connectTimeoutMs }: Installation,
  { address }: { readonly address: DatabaseAddress },
): Fence {
  return fenceOf({ places: placesOf(places), address, connectTimeoutMs, pool: null });
}

/** Slots are of a server, and other databases there may have places, too. */
export async function slotOf({ client }: ServerSession, place: Place): Promise<string> {
  const { rows } = await client.query<{ slot: string }>(
    `SELECT 'tollgate_' || oid || '_${place}' AS slot FROM pg_database WHERE datname = current_database()`,
  );
  return rows[0]?.slot ?? '';
}

/** How often a place is closed for what is left to arrive, before the command gives up. */
const ATTEMPTS_MAX = 5;

async function run(move: Move): Promise<PlaceMoved> {
  const { at, source } = move;
  if (at.move === null) await begin(move);
  await holdRanges(source);
  const step = at.move?.step ?? 'PREPARE';
  const isCopied = step === 'COPY' || step === 'CLOSE';
  if (step === 'SWITCH') return switchOver(move, null, []);
  // Ranges change only while no process holds them: then the copy is made anew.
  if (!isCopied || !(await hasSameRanges(move))) await prepare(move);
  if (step === 'CLOSE') await fenceAt(move.options, source).open(move.place);
  for (let attempt = 1; ; attempt += 1) {
    await untilCopied(move);
    const tables = await comparable(move);
    const closedAt = await close(move, tables);
    if (closedAt !== null) return switchOver(move, closedAt, tables);
    if (attempt === ATTEMPTS_MAX) throw tooSlow(move);
  }
}

/** What can be known to be wrong is found out before anything is recorded or made. */
async function begin(move: Move): Promise<void> {
  const { options, home, source, target, place } = move;
  await mayCopy(source, target);
  await hasCopy(move);
  await untilMapIsKnown(home, options.number, options.mapKnownMs);
  const closed = await fenceAt(options, source).closedSince();
  if ((closed.get(place) ?? null) !== null) {
    throw new ServersError(
      `Place ${options.number} is closed to writes. Open it before it is moved: npm run places -- open ${options.number}`,
    );
  }
  await beginMove(home, options.number, options.to);
  await options.onStep?.('PREPARE');
}

/** Whatever an earlier process has made of it is made anew. */
async function prepare(move: Move): Promise<void> {
  const { options, source, home } = move;
  await recordStep(home, options.number, 'PREPARE');
  await fenceAt(options, source).open(move.place);
  await endReplication(move);
  await dropCopy(move);
  await makeCopy(move);
  await replicate(move);
  await stepTo(move, 'COPY');
}

async function stepTo({ options, home }: Move, step: MoveStep): Promise<void> {
  await recordStep(home, options.number, step);
  await options.onStep?.(step);
}

/** Until the session ends, so that the copy has the ranges of the place. Other work on ranges is put off, which it can be for days. */
async function holdRanges({ client }: ServerSession): Promise<void> {
  await client.query(`SELECT pg_advisory_lock(${RANGES_LOCK_KEY})`);
}

/** How long the rest may take to arrive. Calls wait meanwhile, for two seconds at most. */
const ARRIVE_MAX_MS = 1_000;

/** Returns when the place was closed; null if it is open again, because the rest did not arrive in time. */
async function close(move: Move, tables: readonly string[]): Promise<number | null> {
  const { options, source, place } = move;
  const fence = fenceAt(options, source);
  await stepTo(move, 'CLOSE');
  const closedAt = performance.now();
  try {
    if (options.isFenced !== false) await fence.close(place);
    if (await hasArrived(move, ARRIVE_MAX_MS)) {
      const differs = options.isFenced === false ? null : await difference(move, tables);
      if (differs !== null) throw notEqual(move, differs);
      return closedAt;
    }
  } catch (error) {
    await fence.open(place).catch(() => undefined);
    throw error;
  }
  await fence.open(place);
  await stepTo(move, 'COPY');
  return null;
}

async function switchOver(
  move: Move,
  closedAt: number | null,
  compared: readonly string[],
): Promise<PlaceMoved> {
  const { options, source, place, name, slot, home, at } = move;
  if (at.move?.step !== 'SWITCH') await stepTo(move, 'SWITCH');
  await endReplication({ source: null, target: move.target, name, slot });
  const closed = await fenceAt(options, source).closedSince();
  if (options.isFenced !== false && (closed.get(place) ?? null) === null) throw wasOpened(move);
  await recordMoved(home, { ...at, move: { to: options.to, step: 'SWITCH' } });
  await options.onStep?.('OPEN');
  const moved = { ...move, at: await readPlace(home, at.number) };
  const done = await finish(moved, async () => source);
  if (closedAt === null) return done;
  const notCompared = move.tables.filter((table) => !compared.includes(table));
  return { ...done, closedMs: done.openedAt - closedAt, notCompared };
}

type Finishing = Pick<Move, 'options' | 'home' | 'at' | 'place' | 'target'>;

/** The map says that the place is on the new server: nothing is to find it on the old one any more, then it is opened. */
async function finish(
  { options, home, at, place, target }: Finishing,
  open: (name: string) => Promise<ServerSession>,
): Promise<PlaceMoved & { readonly openedAt: number }> {
  const source = await open(await leftBy(home, at.number));
  if (await hasSchema(source, place)) {
    await source.client.query(`ALTER SCHEMA ${place} RENAME TO ${leftName(at.number, at.epoch)}`);
  }
  await noteEpoch(target, place, at.epoch);
  await fenceAt(options, target).open(place);
  const openedAt = performance.now();
  await removePublication(source, nameOf(place), await slotOf(source, place));
  await recordStep(home, at.number, null);
  await options.onStep?.(null);
  return { isMoved: true, closedMs: null, notCompared: [], openedAt };
}

function notEqual({ options, target }: Move, differs: string): ServersError {
  return new ServersError(
    `The copy of place ${options.number} on ${named(target.name)} is not complete: ${differs}. The place is open again where it was. ` +
      `npm run places -- back ${options.number} removes the copy. Please report this.`,
  );
}

function tooSlow({ options, target }: Move): ServersError {
  return new ServersError(
    `What is written to place ${options.number} takes longer than a second to arrive on ${named(target.name)}. The place is open where it was, and the copy is ` +
      `kept up. Run this again when less is written. To undo it: npm run places -- back ${options.number}`,
  );
}

function wasOpened({ options }: Move): ServersError {
  return new ServersError(
    `Place ${options.number} was opened while it was moved, so the copy may lack what was written since. Undo the move, and begin anew: ` +
      `npm run places -- back ${options.number}`,
  );
}
