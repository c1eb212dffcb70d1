/** What is wrong if PLACES is not the number of places that a database has. */
import { type Finding, refusal } from '../checks/finding.js';
import { PLACE_0, placed, table } from '../placed.js';

export function otherNumber(recorded: number, places: number): Finding {
  return refusal('places', {
    found: `The database has ${recorded} places, and PLACES is ${places}.`,
    meaning: 'The number cannot be changed.',
    advice: `Set PLACES=${recorded}.`,
  });
}

export function inOnePlace(places: number): Finding {
  return refusal('places', {
    found: `The database has customers, all in one place, and PLACES is ${places}.`,
    meaning: 'They can be divided only while there are none.',
    advice: 'Remove PLACES, or give an empty database.',
  });
}

export const notHome: Finding = refusal('places', {
  found: 'The database is of another server for places (npm run places -- add-server).',
  meaning: 'It has no place 0, and only a copy of the catalogue.',
  advice: 'Set DATABASE_URL to the database of the catalogue.',
});

export const home: Finding = refusal('places', {
  found: 'The database has the catalogue and place 0 itself.',
  meaning: 'It cannot be another server for places as well.',
  advice: 'Give another server, with an empty database.',
});

/** Whether there is one in place 0, for SQL. */
export const HAS_CUSTOMERS = placed`SELECT EXISTS (SELECT FROM ${table('customers')}) AS used`.in(
  PLACE_0,
);
