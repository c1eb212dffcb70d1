/**
 * Databases of several places: `TEST_PLACES=8` runs tests with so many. What a test reads by itself, it then reads of all places: a view
 * with the name of each table of customers comes first in its search path.
 */

import { placeOf } from '../../../src/domain/place.js';
import { customerScope } from '../../../src/meter/customer-key.js';
import { CUSTOMER_TABLES } from '../../../src/store/customer-tables.js';
import { migrate } from '../../../src/store/migrate.js';
import { placesOf } from '../../../src/store/placed.js';
import { connect } from './connections.js';
import { serversOf } from './servers.js';

export const PLACES = Number(process.env['TEST_PLACES'] ?? 1);

/** On how many servers they are: see two-servers.ts. */
export const SERVERS = Number(process.env['TEST_SERVERS'] ?? 1);

/** The id of a customer that is in a place, by its number. */
export function customerIn(place: number, projectId: string, prefix: string): string {
  for (let n = 0; ; n += 1) {
    const id = `${prefix}${n}`;
    if (placeOf(customerScope(projectId, id).customerKey, PLACES) === place) return id;
  }
}

/** Divides a database without customers into places, of which it has one. */
export async function dividePlaces(databaseUrl: string, places = PLACES): Promise<void> {
  if (places === 1) return;
  await migrate({ address: { connectionString: databaseUrl }, connectTimeoutMs: 10_000, places });
  await viewPlaces(databaseUrl);
}

/** Makes the views; for a database that a gateway has divided, as well. */
export async function viewPlaces(databaseUrl: string): Promise<void> {
  // Those of two servers come with the template.
  if (PLACES === 1 || serversOf(databaseUrl).size > 0) return;
  const client = await connect(databaseUrl);
  const views = CUSTOMER_TABLES.map((table) => {
    const tables = placesOf(PLACES).map((place) => `SELECT * FROM ${place}.${table}`);
    return `CREATE OR REPLACE VIEW every_place.${table} AS ${tables.join(' UNION ALL ')}`;
  });
  await client.query(['CREATE SCHEMA IF NOT EXISTS every_place', ...views].join(';'));
  await client.end();
}
