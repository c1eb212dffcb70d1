import { expect, it } from 'vitest';
import { explanationOf } from '../../src/commands/run.js';
import { LockTimeoutError, UnavailableError } from '../../src/domain/unavailable.js';
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

it('a command explains what failed in each place, if it can', () => {
  const failures = [
    { place: 'public', error: new UnavailableError('OUTCOME_UNKNOWN', null) },
    { place: 'place_3', error: new LockTimeoutError(null) },
    { place: 'place_10', error: new Error('it') },
  ] as const;
  const lines = explanationOf(new PlacesError(failures))?.split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^Place 0: The connection .* Run the command again/),
    expect.stringMatching(/^Place 3: .*locked/),
    'Place 10: Error: it',
  ]);
  expect(explanationOf(new PlacesError(failures.slice(2)))).toBeNull();
});

it('what fails in the only place is the error itself', async () => {
  const error = new Error('it');
  const failed = inEach(['public'], () => Promise.reject(error));
  await expect(failed).rejects.toBe(error);
  expect(errorsIn(error)).toEqual([error]);
});
