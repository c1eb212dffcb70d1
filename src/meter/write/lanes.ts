import { present } from '../../domain/assert.js';
import { placeOf } from '../../domain/place.js';
import { createLane, type Lane, type LaneOptions } from './lane.js';

/** Some for each place, so that a batch is of one place, and one that is slow or closed holds up no others. */
export interface Lanes {
  readonly all: readonly Lane[];
  /** The one of a customer. */
  of(customerKey: string): Lane;
  /** The commands on those of one server, or of all if it is null, and the ones of the project that wait. */
  counted(projectId: string, server: string | null): Counted;
}

interface Counted {
  readonly queued: number;
  readonly ofProject: number;
}

export interface LanesOptions extends Omit<LaneOptions, 'run'> {
  /** In all, at least. */
  readonly lanes: number;
  readonly places?: number;
  /** The name of the server that a place is on, if there are several. */
  readonly serverOfPlace?: (place: number) => string;
  /** What runs the batches of a place. */
  readonly runOf: (place: number) => LaneOptions['run'];
}

export function createLanes(given: LanesOptions): Lanes {
  const { lanes, places = 1, serverOfPlace, runOf, ...options } = given;
  const each = Math.ceil(lanes / places);
  const runs = Array.from({ length: places }, (_, place) => runOf(place));
  const byPlace = runs.map((run) =>
    Array.from({ length: each }, () => createLane({ ...options, run })),
  );
  return {
    all: byPlace.flat(),
    of: (customerKey) => {
      const ofPlace = byPlace[placeOf(customerKey, places)];
      return present(ofPlace?.[laneNumber(customerKey, each)], 'a lane for every customer');
    },
    counted(projectId, server) {
      let queued = 0;
      let ofProject = 0;
      for (const [place, ofPlace] of byPlace.entries()) {
        if (server !== null && serverOfPlace?.(place) !== server) continue;
        for (const lane of ofPlace) {
          queued += lane.size();
          ofProject += lane.waiting(projectId);
        }
      }
      return { queued, ofProject };
    },
  };
}

/** The key is a hash: its digits are evenly distributed, also after the first bits, which are those of the place. */
function laneNumber(customerKey: string, lanes: number): number {
  return Number.parseInt(customerKey.slice(0, 8), 16) % lanes;
}
