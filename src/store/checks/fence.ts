import { CLOSED_SINCE, type PlaceState } from '../fence.js';
import { numberOf } from '../placed.js';
import { type Check, LISTED_MAX } from './check.js';
import { ok, problem } from './finding.js';

/** Whether calls may write. */
export const fenceCheck: Check = {
  codes: ['fence'],
  embedded: false,
  tables: true,
  async run({ client }) {
    const { rows } = await client.query<PlaceState>({ text: CLOSED_SINCE, values: [] });
    const closed = rows.filter(({ since }) => since !== null);
    if (closed.length === 0) return [ok('fence', 'Customers are open to writes.')];
    return [
      problem('fence', {
        found: rows.length === 1 ? sentenceOf(closed) : sentenceOfPlaces(closed, rows),
        meaning:
          'Whatever writes is answered DATABASE_UNAVAILABLE, until they are opened. That is as it should be for as long as they are moved or maintained.',
        advice: 'If that is over, run:',
        commands: closed.length === rows.length ? [OPEN] : closed.slice(0, LISTED_MAX).map(opening),
      }),
    ];
  },
};

const OPEN = 'npm run places -- open';

function opening({ place }: PlaceState): string {
  return `${OPEN} ${numberOf(place)}`;
}

function sentenceOf([only]: readonly PlaceState[]): string {
  return `Customers are closed to writes since ${only?.since}.`;
}

function sentenceOfPlaces(closed: readonly PlaceState[], all: readonly PlaceState[]): string {
  const which = closed.length === all.length ? 'all' : 'some';
  const listed = closed.slice(0, LISTED_MAX);
  const places = listed.map(({ place, since }) => `${numberOf(place)} since ${since}`).join(', ');
  const more = closed.length > listed.length ? `, and ${closed.length - listed.length} more` : '';
  return `Customers of ${which} places are closed to writes: ${places}${more}.`;
}
