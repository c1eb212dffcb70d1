/** A batch is of one place, and no lane serves two. */
import { expect, it } from 'vitest';
import { placeOf } from '../../src/domain/place.js';
import { createLanes } from '../../src/meter/write/lanes.js';
import { uuidV5 } from '../../src/platform/id.js';

const KEYS = Array.from({ length: 500 }, (_, n) =>
  uuidV5('01890f2c-0000-7000-8000-000000000000', String(n)),
);

it.each([
  { lanes: 2, places: 1, all: 2 },
  { lanes: 1, places: 8, all: 8 },
  { lanes: 8, places: 8, all: 8 },
  { lanes: 9, places: 8, all: 16 },
  { lanes: 6, places: 2, all: 6 },
])('$lanes lanes over $places places are $all', ({ lanes, places, all }) => {
  const created = createLanes({
    lanes,
    places,
    batchItemsMax: 1,
    batchBytesMax: 1,
    itemsOf: () => 1,
    runOf: () => () => Promise.resolve(),
  });
  expect(created.all).toHaveLength(all);
  const placesOfLanes = new Map<object, Set<number>>();
  for (const key of KEYS) {
    const lane = created.of(key);
    expect(created.of(key)).toBe(lane);
    placesOfLanes.set(lane, (placesOfLanes.get(lane) ?? new Set()).add(placeOf(key, places)));
  }
  // All are in use.
  expect(placesOfLanes.size).toBe(all);
  for (const served of placesOfLanes.values()) expect(served.size).toBe(1);
});
