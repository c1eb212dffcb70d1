import { BrokenInvariantError, present } from '../../domain/assert.js';
import { placeOf } from '../../domain/place.js';
import type { CustomerScope } from '../../meter/store.js';
import type { WritePath } from '../../meter/write/write-path.js';

type Keyed = Pick<CustomerScope, 'customerKey'>;

/** What is written goes to the place of its customers, which is the same one for all of a call. The catalogue is read in the first. */
export function writePathOf(paths: readonly WritePath[]): WritePath {
  const home = present(paths[0], 'there is a place');
  if (paths.length === 1) return home;
  const numberOf = ({ customerKey }: Keyed) => placeOf(customerKey, paths.length);
  const at = (place: number) => present(paths[place], 'a path for each place');
  const ofAll = (customers: readonly Keyed[]) => {
    const place = numberOf(present(customers[0], 'a statement is about customers'));
    if (customers.every((customer) => numberOf(customer) === place)) return at(place);
    throw new BrokenInvariantError('the customers of a statement are in one place');
  };
  return {
    catalog: (projectId) => home.catalog(projectId),
    load: async (wanted) => ofAll(wanted).load(wanted),
    commit: async (changes, nextVersion) => ofAll(changes).commit(changes, nextVersion),
    transaction: (customerKey, run) => at(numberOf({ customerKey })).transaction(customerKey, run),
  };
}
