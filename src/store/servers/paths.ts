/** The paths of a place, which lead to wherever it is. */
import type { ReadMany, ReadPath } from '../../meter/read/read-path.js';
import type { WritePath } from '../../meter/write/write-path.js';
import type { ReadClient } from '../read-client.js';
import type { PlaceSites } from './sites.js';

/** Catalogues are read on the home server. */
export function writePathAt({ home, at, isSpread }: PlaceSites): WritePath {
  if (!isSpread) return home.writePath;
  return {
    catalog: (projectId) => home.writePath.catalog(projectId),
    load: (requests) => at(({ writePath }) => writePath.load(requests)),
    commit: (changes, nextVersion) => at(({ writePath }) => writePath.commit(changes, nextVersion)),
    transaction: (customerKey, run) =>
      at(({ writePath }) => writePath.transaction(customerKey, run)),
  };
}

/** And so is all that belongs to projects. */
export function readPathAt({ home, at, isSpread }: PlaceSites): ReadPath {
  if (!isSpread) return home.readPath;
  const of =
    <Wanted, Found>(method: (path: ReadPath) => ReadMany<Wanted, Found>): ReadMany<Wanted, Found> =>
    (projectId, wanted) =>
      at(({ readPath }) => method(readPath)(projectId, wanted));
  return {
    ...home.readPath,
    customers: of((path) => path.customers),
    customerPages: of((path) => path.customerPages),
    customerSearchPages: of((path) => path.customerSearchPages),
    entities: of((path) => path.entities),
    entityPages: of((path) => path.entityPages),
    balancesById: of((path) => path.balancesById),
    standings: of((path) => path.standings),
    events: of((path) => path.events),
    eventPages: of((path) => path.eventPages),
    ledgerEntries: of((path) => path.ledgerEntries),
    ledgerPages: of((path) => path.ledgerPages),
    customerLedgerPages: of((path) => path.customerLedgerPages),
    reservations: of((path) => path.reservations),
    reservationPages: of((path) => path.reservationPages),
  };
}

/** For reads of the gateway itself. */
export function readClientAt({ at }: PlaceSites): ReadClient {
  return { rows: (sql, ...parameters) => at((site) => site.readClient.rows(sql, ...parameters)) };
}
