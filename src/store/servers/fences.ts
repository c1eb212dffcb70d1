import { present } from '../../domain/assert.js';
import { type Fence, fenceOf } from '../fence.js';
import type { Place } from '../placed.js';
import type { ServerPlaces } from './server-places.js';

export interface FencesOptions {
  readonly places: readonly Place[];
  /** Where the places are now, by server. */
  readonly servers: () => Promise<readonly ServerPlaces[]>;
  readonly connectTimeoutMs: number;
}

/** The fences of places, each on the server where its place is. */
export function fencesOf({ places, servers, connectTimeoutMs }: FencesOptions): Fence {
  const on = ({ address, pool }: ServerPlaces) =>
    fenceOf({ places, address, pool, connectTimeoutMs });
  const of = async (place: Place) =>
    on(
      present(
        (await servers()).find((server) => server.places.includes(place)),
        'each place is on a server',
      ),
    );
  return {
    places,
    close: async (place) => (await of(place)).close(place),
    open: async (place) => (await of(place)).open(place),
    async closedSince() {
      const all = new Map<Place, string | null>();
      for (const server of await servers()) {
        const states = await on(server).closedSince();
        for (const place of server.places) all.set(place, states.get(place) ?? null);
      }
      return all;
    },
  };
}
