import { present } from '../../domain/assert.js';
import { placeOf } from '../../domain/place.js';
import { createLane, type Lane, type LaneOptions } from './lane.js';

/** Some for each place, so that a batch is of one place, and one that is slow or closed holds up no others. */
export interface Lanes {
  readonly all: readonly Lane[];
  /** The one of a customer. */
  of(customerKey: string): Lane;
}

export interface LanesOptions extends LaneOptions {
  /** In all, at least. */
  readonly lanes: number;
  readonly places?: number;
}

export function createLanes({ lanes, places = 1, ...options }: LanesOptions): Lanes {
  const each = Math.ceil(lanes / places);
  const all = Array.from({ length: places * each }, () => createLane(options));
  return {
    all,
    of: (customerKey) => {
      const number = placeOf(customerKey, places) * each + laneNumber(customerKey, each);
      return present(all[number], 'a lane for every customer');
    },
  };
}

/** The key is a hash: its digits are evenly distributed, also after the first bits, which are those of the place. */
function laneNumber(customerKey: string, lanes: number): number {
  return Number.parseInt(customerKey.slice(0, 8), 16) % lanes;
}
