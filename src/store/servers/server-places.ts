import type { Place } from '../placed.js';
import type { Server } from './servers.js';
import type { PlaceSites } from './sites.js';

/** The places that are on a server. */
export interface ServerPlaces extends Pick<Server, 'name' | 'address' | 'pool'> {
  readonly places: readonly Place[];
}

/** Where the places are now, by server. */
export async function byServer(sites: readonly PlaceSites[]): Promise<readonly ServerPlaces[]> {
  const servers = new Map<Server, Place[]>();
  for (const { place, at } of sites) {
    const server = await at((site) => Promise.resolve(site.server));
    servers.set(server, [...(servers.get(server) ?? []), place]);
  }
  return [...servers].map(([{ name, address, pool }, places]) => ({ name, address, pool, places }));
}
