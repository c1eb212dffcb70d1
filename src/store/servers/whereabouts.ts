import type pg from 'pg';
import { placeOf } from '../../domain/place.js';
import { retryingRead } from '../retry.js';
import { HOME, type PlaceAt, readPlaceMap } from './place-map.js';

/** On which server each place is, as far as this process knows. */
export interface Whereabouts {
  /** Of a place, by its number; the map is read before it is first asked about. */
  serverOf(place: number): Promise<string>;
  /** The same without a look: home, until the map has been read. */
  lastKnown(place: number): string;
  /** Whether a place is on another server than this one by now. False if that cannot be read. */
  hasMoved(place: number, from: string): Promise<boolean>;
}

/** On which server customers are, as last known; empty if there is one. */
export interface KnownServers {
  readonly serverOf?: (customerKey: string) => string;
  readonly serverOfPlace?: (place: number) => string;
}

export function knownServers({ lastKnown }: Whereabouts, places: number): KnownServers {
  return {
    serverOf: (customerKey) => lastKnown(placeOf(customerKey, places)),
    serverOfPlace: lastKnown,
  };
}

/** Of who has one server. */
export const AT_HOME: Whereabouts = {
  serverOf: () => Promise.resolve(HOME),
  lastKnown: () => HOME,
  hasMoved: () => Promise.resolve(false),
};

/**
 * Reads the map, which is on the home server, when it is first needed and whenever a place is not where it was: an old copy is closed, and then
 * gone, so nothing is decided by an old map.
 */
export function whereaboutsIn(home: Pick<pg.Pool, 'query'>): Whereabouts {
  let known: ReadonlyMap<number, PlaceAt> | null = null;
  let looking: Promise<void> | null = null;
  const look = async () => {
    known = await retryingRead(() => readPlaceMap(home));
  };
  /** A reading in progress may be from before the question, so the answer is that of the next one. */
  const lookAgain = async () => {
    await looking?.catch(() => undefined);
    looking ??= look().finally(() => {
      looking = null;
    });
    await looking;
  };
  const at = (place: number) => known?.get(place)?.server ?? HOME;
  return {
    lastKnown: at,
    async serverOf(place) {
      if (known === null) await lookAgain();
      return at(place);
    },
    async hasMoved(place, from) {
      try {
        await lookAgain();
      } catch {
        return false;
      }
      return at(place) !== from;
    },
  };
}
