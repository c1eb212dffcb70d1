import { HAS_CUSTOMERS, inOnePlace, otherNumber } from '../places/number-of-places.js';
import {
  type PlaceDifference,
  placeDifferences,
  WHOLE_TABLE,
} from '../places/place-differences.js';
import { readPlaces } from '../places/places-record.js';
import { type Check, type CheckContext, LISTED_MAX } from './check.js';
import { type Finding, ok, problem, warning } from './finding.js';
import { toldName } from './table-names.js';

/** Whether the database is divided as it should be. */
export const placeChecks: readonly Check[] = [
  { codes: ['places'], embedded: true, tables: true, run: numberOfPlaces },
  { codes: ['place_tables'], embedded: true, tables: true, run: placeTables },
];

async function numberOfPlaces({ client, gateway }: CheckContext): Promise<Finding[]> {
  const recorded = await readPlaces(client);
  const { places } = gateway;
  if (recorded === places) {
    return [ok('places', places === 1 ? ONE : `Customers are divided into ${places} places.`)];
  }
  if (recorded > 1) return [otherNumber(recorded, places)];
  const { rows } = await client.query<{ used: boolean }>({ text: HAS_CUSTOMERS, values: [] });
  if (rows[0]?.used === true) return [inOnePlace(places)];
  return [
    warning('places', {
      found: `The database has one place, and PLACES is ${places}.`,
      meaning: 'There are no customers yet, so the next start makes the others.',
      advice: 'To do so now, run:',
      commands: ['npm run db:migrate'],
    }),
  ];
}

const ONE = 'Customers are in one place.';

async function placeTables({ client, places, recorded }: CheckContext): Promise<Finding[]> {
  if (places.length === 1) return [ok('place_tables', 'There is no place besides public.')];
  const differences = await placeDifferences(client, recorded.places.length, places);
  if (differences.length === 0) {
    return [ok('place_tables', 'The tables of all places are like those of public.')];
  }
  return differences.slice(0, LISTED_MAX).map(differenceOf);
}

function differenceOf({ place, table, what, fact, model }: PlaceDifference): Finding {
  const is = fact === null ? 'is missing' : `is ${fact}`;
  const told = {
    found: `${toldName({ place, name: table })}: ${what} ${is}; it should ${model === null ? 'not exist' : `be ${model}`}.`,
    meaning:
      'Each place should have what public has: statements rely on it, and so do migrations of later releases.',
    advice: 'As the owner of the tables, change the place accordingly.',
  };
  const isMissing = fact === null && what === WHOLE_TABLE;
  return isMissing ? problem('place_tables', told) : warning('place_tables', told);
}
