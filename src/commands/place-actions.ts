import { inEach } from '../store/each-place.js';
import { commandToOpen, type Fence } from '../store/fence.js';
import { numberOf, type Place } from '../store/placed.js';
import { CommandError } from './run.js';

export const USAGE = `Usage:
  npm run places -- status
  npm run places -- close [PLACE]
  npm run places -- open [PLACE]

Says whether customers are open to writes, closes them, or opens them again: those of one place, by its number from 0 on,
or all. While they are closed, no gateway or other program can write anything of them; calls that write wait for up to two seconds and are then answered DATABASE_UNAVAILABLE. Reads and the catalogue are not affected.`;

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
}

/** What the arguments of `npm run places` say is to be done. */
export function placeActionOf(args: readonly string[]): (context: PlacesContext) => Promise<void> {
  const [name = '', number, ...more] = args;
  const action = ACTIONS[name];
  const isNumber = number === undefined || (name !== 'status' && /^\d{1,4}$/.test(number));
  if (action === undefined || !isNumber || more.length > 0) throw new CommandError(USAGE);
  return async ({ fence, database, say }) => {
    const chosen = number === undefined ? fence.places : [placeOf(fence, Number(number))];
    // What fails in one place does not keep the others from being closed, or opened.
    await inEach(chosen, async (place) => {
      const of = fence.places.length === 1 ? '' : ` of place ${numberOf(place)}`;
      say(await action(fence, place, `Customers${of} in ${database}`));
    });
  };
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
