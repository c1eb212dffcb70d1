/** What is done in one place after the other (docs/adr/0070-places.md). */
import { messageOf } from './failure.js';
import type { Place } from './placed.js';

export interface PlaceFailure {
  readonly place: Place;
  readonly error: unknown;
}

/** What could not be done in some places, and was done in the others. The first error is the cause. */
export class PlacesError extends Error {
  override readonly name = 'PlacesError';
  readonly failures: readonly PlaceFailure[];

  constructor(failures: readonly PlaceFailure[]) {
    super(failures.map(toldOf).join('; '), { cause: failures[0]?.error });
    this.failures = failures;
  }
}

function toldOf({ place, error }: PlaceFailure): string {
  return `${place}: ${error instanceof Error ? messageOf(error) : error}`;
}

/** The errors of the places, if it is about several. */
export function errorsIn(error: unknown): readonly unknown[] {
  return error instanceof PlacesError ? error.failures.map((failure) => failure.error) : [error];
}

/** Does the same in each place. One that fails does not keep it from being done in those that follow. */
export async function inEach<Result>(
  places: readonly Place[],
  work: (place: Place) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const failures: PlaceFailure[] = [];
  for (const place of places) {
    try {
      results.push(await work(place));
    } catch (error) {
      // The only place needs no name.
      if (places.length === 1) throw error;
      failures.push({ place, error });
    }
  }
  if (failures.length > 0) throw new PlacesError(failures);
  return results;
}
