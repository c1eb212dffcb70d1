import { HOME } from '../domain/place.js';
import { inEach } from '../store/each-place.js';
import { commandToOpen, type Fence } from '../store/fence.js';
import { numberOf, type Place } from '../store/placed.js';
import type { PlaceAt } from '../store/servers/place-map.js';
import type { Installation } from '../store/servers/server-sessions.js';
import { mapOf, statusOf } from '../store/servers/servers-status.js';
import { CommandError } from './run.js';
import { sentencesOf, serverActionOf } from './server-actions.js';

export const USAGE = `Usage:
  npm run places -- status
  npm run places -- close [PLACE]
  npm run places -- open [PLACE]
  npm run places -- add-server NAME
  npm run places -- move PLACE SERVER
  npm run places -- back PLACE
  npm run places -- drop-left [SERVER]

Says whether customers are open to writes, closes them, or opens them again: those of one place, by its number from 0 on,
or all. While they are closed, no gateway or other program can write anything of them; calls that write wait for up to two seconds and are then answered DATABASE_UNAVAILABLE. Reads and the catalogue are not affected.

Makes the empty database at DATABASE_URL_NAME a server for places, moves a place to a server (home is that of DATABASE_URL) while calls go on, or undoes a move
that has not ended. A move that was interrupted goes on when it is run again. What moves leave on servers is dropped by drop-left.`;

/** What is said of the customers of a place after it has been done there. */
type Action = (fence: Fence, place: Place, customers: string) => Promise<string>;

const ACTIONS: Readonly<Record<string, Action>> = {
  async status(fence, place, customers) {
    const since = (await fence.closedSince()).get(place) ?? null;
    const state = since === null ? 'open to writes' : `closed to writes since ${since}`;
    return `${customers} are ${state}.`;
  },
  async close(fence, place, customers) {
    const since = await fence.close(place);
    return `${customers} are closed to writes since ${since}, and what was in progress is written. To open them: ${commandToOpen(place, fence.places)}`;
  },
  async open(fence, place, customers) {
    const { wasClosed, isRemoved } = await fence.open(place);
    const left = isRemoved
      ? ''
      : ' Triggers that refuse nothing are left on the tables, because something reads them. Run this again once it has ended.';
    return `${customers} ${wasClosed ? 'are open to writes again' : 'were open to writes already'}.${left}`;
  },
};

export interface PlacesContext {
  readonly fence: Fence;
  /** Where the database is, as messages say it. */
  readonly database: string;
  readonly say: (sentence: string) => void;
  /** The servers; null if there cannot be several. */
  readonly installation: Installation | null;
}

/** What the arguments of `npm run places` say is to be done. */
export function placeActionOf(args: readonly string[]): (context: PlacesContext) => Promise<void> {
  const ofServers = serverActionOf(args);
  if (ofServers !== null) {
    return async ({ installation }) => {
      if (installation === null) throw new CommandError(ONE_PLACE);
      await ofServers(installation);
    };
  }
  const [name = '', number, ...more] = args;
  const action = ACTIONS[name];
  const isNumber = number === undefined || (name !== 'status' && /^\d{1,4}$/.test(number));
  if (action === undefined || !isNumber || more.length > 0) throw new CommandError(USAGE);
  return async ({ fence, database, say, installation }) => {
    const chosen = number === undefined ? fence.places : [placeOf(fence, Number(number))];
    const map = installation === null ? new Map<number, PlaceAt>() : await mapOf(installation);
    if (name !== 'status') refuseMoving(map, chosen);
    // What fails in one place does not keep the others from being closed, or opened.
    await inEach(chosen, async (place) => {
      const of = fence.places.length === 1 ? '' : ` of place ${numberOf(place)}`;
      const server = map.get(numberOf(place))?.server ?? HOME;
      const where = server === HOME ? `in ${database}` : `on the server ${server}`;
      say(await action(fence, place, `Customers${of} ${where}`));
    });
    if (installation === null || name !== 'status') return;
    for (const sentence of sentencesOf(await statusOf(installation))) say(sentence);
  };
}

const ONE_PLACE =
  'Customers are in one place, which stays on its server. Only an installation that began with PLACES above 1 can have several servers.';

/** A move closes and opens its place itself; opened in between, it would lose what is written then. */
function refuseMoving(map: ReadonlyMap<number, PlaceAt>, chosen: readonly Place[]): void {
  for (const place of chosen) {
    const number = numberOf(place);
    const move = map.get(number)?.move ?? null;
    if (move === null) continue;
    throw new CommandError(
      `Place ${number} is being moved to ${move.to}. To go on: npm run places -- move ${number} ${move.to}. To undo it: npm run places -- back ${number}`,
    );
  }
}

function placeOf({ places: known }: Fence, number: number): Place {
  const place = known.find((one) => numberOf(one) === number);
  if (place !== undefined) return place;
  const advice =
    known.length === 1
      ? 'This database has place 0 only. Leave the number out.'
      : `This database has the places 0 to ${known.length - 1}: npm run places -- status`;
  throw new CommandError(`There is no place ${number}. ${advice}`);
}
