import { orNull, text } from '../../domain/stored-values.js';
import type { CarryingBatch } from '../write/carrying-batch.js';
import type { WriteQueue } from '../write/write-queue.js';
import { toldFailure, toldResult } from './told-answer.js';
import { toldTrack } from './told-track.js';

const traced = orNull(text);

/** Decides the commands of other gateways as this one's own. */
export interface ForNeighbours {
  /** Calls back, once, with what has become of the command. Throws if the values are not those of a command. */
  decide(told: readonly unknown[], answer: (told: string) => void): void;
}

/** It is never sent on, even if the customer belongs to yet another gateway: gateways may disagree about that for a while. */
export function createForNeighbours(writeQueue: Pick<WriteQueue, 'take'>): ForNeighbours {
  return {
    decide(told, answer) {
      const command = toldTrack(told.slice(0, -1));
      const caller = traced(told.at(-1));
      let carrying: CarryingBatch | null = null;
      const submitter = {
        carriedBy: (batch: CarryingBatch) => {
          carrying = batch;
        },
      };
      writeQueue.take(command, submitter, caller).then(
        (result) => answer(toldResult(result, carrying)),
        (error: unknown) => answer(toldFailure(error, carrying)),
      );
    },
  };
}
