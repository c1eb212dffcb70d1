import { UnavailableError } from '../../domain/unavailable.js';
import { MovedError } from '../retry.js';
import { settingOf } from './server-sessions.js';
import type { Whereabouts } from './whereabouts.js';

/** Does something where a place is. If the place moves meanwhile, it is done where it has moved to. */
export type AtPlace<Site> = <Result>(work: (site: Site) => Promise<Result>) => Promise<Result>;

/** `sites` has what serves the place on each server that this process knows, by name. */
export function atPlace<Site>(
  place: number,
  sites: ReadonlyMap<string, Site>,
  whereabouts: Whereabouts,
): AtPlace<Site> {
  return async (work) => {
    for (;;) {
      const server = await whereabouts.serverOf(place);
      const site = sites.get(server);
      if (site === undefined) throw new UnavailableError('DATABASE_UNAVAILABLE', unknown(server));
      try {
        return await work(site);
      } catch (error) {
        if (!(error instanceof MovedError)) throw error;
      }
    }
  };
}

function unknown(server: string): Error {
  return new Error(
    `Customers are on the server ${server}: set ${settingOf(server)}, and restart this gateway.`,
  );
}
