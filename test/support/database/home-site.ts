import { HOME } from '../../../src/domain/place.js';
import type { Database } from '../../../src/store/database.js';
import { PLACE_0 } from '../../../src/store/placed.js';
import { type PlaceSites, sitesOf } from '../../../src/store/servers/sites.js';
import { AT_HOME } from '../../../src/store/servers/whereabouts.js';
import { PATIENT_DATABASE } from '../gateway/limits.js';

/** The only place of a database that a test has opened itself. */
export function homeSite(database: Database, connectionString: string): PlaceSites {
  const home = { ...database, name: HOME, address: { connectionString } };
  return sitesOf(PLACE_0, {
    ...PATIENT_DATABASE,
    servers: { home, all: new Map([[HOME, home]]), close: database.close },
    whereabouts: AT_HOME,
    clockOffsetMs: () => 0,
  });
}
