import { expect, it } from 'vitest';
import { errorsIn, inEach, PlacesError } from '../../src/store/each-place.js';
import { placesOf } from '../../src/store/placed.js';

const PLACES = placesOf(3);

it('everything is done in each place, in their order', async () => {
  expect(await inEach(PLACES, async (place) => `in ${place}`)).toEqual([
    'in public',
    'in place_1',
    'in place_2',
  ]);
});

it.each([[['public']], [['place_1']], [['public', 'place_2']], [[...PLACES]]])(
  'what fails in %j is tried in all others, and told with the places',
  async (failing) => {
    const tried: string[] = [];
    const errors = new Map(failing.map((place) => [place, new Error(`not in ${place}`)]));
    const failed = await inEach(PLACES, async (place) => {
      tried.push(place);
      const error = errors.get(place);
      if (error !== undefined) throw error;
    }).catch((error: unknown) => error);
    expect(tried).toEqual(PLACES);
    expect(failed).toBeInstanceOf(PlacesError);
    expect(failed).toMatchObject({
      message: failing.map((place) => `${place}: not in ${place}`).join('; '),
      cause: errors.get(failing[0] ?? ''),
    });
    expect(errorsIn(failed)).toEqual([...errors.values()]);
  },
);

it('what fails in the only place is the error itself', async () => {
  const error = new Error('it');
  const failed = inEach(['public'], () => Promise.reject(error));
  await expect(failed).rejects.toBe(error);
  expect(errorsIn(error)).toEqual([error]);
});
