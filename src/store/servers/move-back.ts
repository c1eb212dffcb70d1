/** Undoes a move, until the map says that the place is on its new server. */
import { HOME } from '../../domain/place.js';
import { messageOf } from '../failure.js';
import { fenceAt, nameOf, placeOfNumber, slotOf } from './move-place.js';
import { readPlace, recordStep } from './move-record.js';
import { dropCopy } from './place-copy.js';
import { endReplication, removePublication } from './replication.js';
import { type Installation, named, withSessions } from './server-sessions.js';
import { ServersError } from './servers-error.js';

export interface MovedBack {
  /** False if it was not being moved. */
  readonly isBack: boolean;
}

export async function moveBack(
  installation: Installation,
  number: number,
  onStep: (step: 'BACK' | null) => Promise<void> | void = () => undefined,
): Promise<MovedBack> {
  const place = placeOfNumber(number, installation.places);
  return withSessions(installation, async (open) => {
    const home = await open(HOME);
    const { move, server } = await readPlace(home, number);
    if (move === null) return { isBack: false };
    if (move.step === 'OPEN') {
      throw new ServersError(
        `Place ${number} has moved to ${named(server)} already, and remains to be opened there: npm run places -- move ${number} ${server}`,
      );
    }
    const source = await open(server);
    await recordStep(home, number, 'BACK');
    await onStep('BACK');
    // First of all, calls go on. Nothing was written to the copy but what comes from here.
    await fenceAt(installation, source).open(place);
    const name = nameOf(place);
    try {
      const target = await open(move.to);
      await endReplication({ source: null, target, name, slot: '' });
      await dropCopy({ target, place });
    } catch (error) {
      const reason = error instanceof Error ? messageOf(error) : String(error);
      installation.say(
        `The copy on ${named(move.to)} could not be removed: ${reason} If the server comes back, the next move there removes it.`,
      );
    }
    await removePublication(source, name, await slotOf(source, place));
    await recordStep(home, number, null);
    await onStep(null);
    return { isBack: true };
  });
}
