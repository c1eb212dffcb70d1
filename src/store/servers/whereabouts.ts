import type pg from 'pg';
import { HOME, placeOf } from '../../domain/place.js';
import { monotonicMs as clockMs } from '../../platform/clock.js';
import { retryingRead } from '../retry.js';
import { type PlaceAt, readPlaceMap } from './place-map.js';

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
 * For how long the map is used without being read again. Writes would need no limit: what an old map leads to is closed, or gone. But where a
 * place was before, a copy may be being filled, and reads must not find that: it is not begun until the map of every gateway is newer
 * (`MAP_KNOWN_MS`).
 */
const FRESH_MS = 1_000;

/** How long after a change of the map every gateway that can reach the home server knows it. */
export const MAP_KNOWN_MS = 3 * FRESH_MS;

/** Reads the map, which is on the home server, when it is needed and not fresh, and whenever a place is not where it was. */
export function whereaboutsIn(
  home: Pick<pg.Pool, 'query'>,
  monotonicMs: () => number = clockMs,
): Whereabouts {
  let known: ReadonlyMap<number, PlaceAt> | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  let isAway = false;
  let looking: Promise<void> | null = null;
  const look = async () => {
    const began = monotonicMs();
    known = await retryingRead(() => readPlaceMap(home));
    readAt = began;
  };
  /** A reading in progress may be from before the question, so the answer is that of the next one. */
  const lookAgain = async () => {
    await looking?.catch(() => undefined);
    looking ??= look().finally(() => {
      looking = null;
    });
    await looking;
  };
  /** While home cannot be reached, customers on other servers are served by the map as it was, and only the first call waits for it. */
  const refresh = async () => {
    if (isAway && looking !== null) return;
    const looked = (looking ?? lookAgain()).then(
      () => {
        isAway = false;
      },
      () => {
        isAway = true;
      },
    );
    if (!isAway) await looked;
  };
  const at = (place: number) => known?.get(place)?.server ?? HOME;
  return {
    lastKnown: at,
    async serverOf(place) {
      if (known === null) await lookAgain();
      else if (monotonicMs() - readAt > FRESH_MS) await refresh();
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
