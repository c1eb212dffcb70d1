/** Calls that one gateway decides for another. */
import type { Mutant } from '../mutant.js';

export const SIDE_BY_SIDE: readonly Mutant[] = [
  {
    guarantee: 'a stored result of the wrong form is refused, whatever is wrong',
    file: 'src/domain/stored-values.ts',
    find: 'json.length > most',
    replace: 'json.length > most + 1',
    tests: ['unit/stored-readers.test.ts'],
  },
  {
    guarantee: 'null is not an omitted member, where null has no meaning',
    file: 'src/meter/stored/balance.ts',
    find: "stored.or('overage', flag, false)",
    replace: "stored.orNull('overage', flag) ?? false",
    tests: ['unit/stored-readers.test.ts'],
  },
  {
    guarantee: 'what does not fit one form is still read as another',
    file: 'src/domain/stored-values.ts',
    find: 'if (!(error instanceof UnfitError)) throw error;',
    replace: 'throw error;',
    tests: ['unit/stored-readers.test.ts'],
  },
  {
    guarantee: 'what a lost neighbour may have done is not told to be undone',
    file: 'src/meter/neighbours/forwarding.ts',
    find: 'command.mayBeDone = true;',
    replace: '',
    tests: ['unit/forwarding.test.ts'],
  },
  {
    guarantee: 'a call without a key is not carried out twice if its neighbour is lost',
    file: 'src/meter/neighbours/forwarding.ts',
    find: 'if (command.idempotency === null) {',
    replace: 'if (command.mayBeDone) {',
    tests: ['unit/forwarding.test.ts'],
  },
  {
    guarantee: 'what neighbours decide counts in the queue',
    file: 'src/meter/write/write-queue.ts',
    find: 'const queued = forwarding.size() + onLanes.queued;',
    replace: 'const queued = onLanes.queued;',
    tests: ['unit/forwarding.test.ts'],
  },
  {
    guarantee: 'a result of this very call is not a replay',
    file: 'src/meter/track-balance.ts',
    find: 'return this.resultOf(stored, recordedAt, !isOwn);',
    replace: 'return this.resultOf(stored, recordedAt, true || isOwn);',
    tests: ['unit/told-track.test.ts'],
  },
  {
    guarantee: 'a neighbour that accepts and never answers is given up',
    file: 'src/neighbours/link.ts',
    find: "if (silentMs >= SILENT_MAX_MS) this.#lose('it does not answer');",
    replace: "if (silentMs < 0) this.#lose('it does not answer');",
    tests: ['unit/neighbour-link.test.ts'],
  },
  {
    guarantee: 'that a neighbour which has left cannot be reached is no news',
    file: 'src/neighbours/link.ts',
    find: 'is no news.\n    this.#isTold = true;\n',
    replace: 'is no news.\n',
    tests: ['unit/neighbour-link.test.ts'],
  },
  {
    guarantee: 'workers whose primary process was killed leave no folder',
    file: 'src/commands/worker-folder.ts',
    find: '    if (!process.connected) remove(folder);\n',
    replace: '',
    tests: ['graphql/workers.test.ts'],
  },
  {
    guarantee: 'only who speaks this protocol may ask',
    file: 'src/neighbours/reception.ts',
    find: 'kind === ASK && isGreeted',
    replace: 'kind === ASK',
    tests: ['unit/neighbours.test.ts'],
  },
  {
    guarantee: 'no frame is longer than a bound',
    file: 'src/neighbours/frames.ts',
    find: 'if (length > FRAME_BYTES_MAX) throw',
    replace: 'if (length < 0) throw',
    tests: ['unit/neighbours.test.ts'],
  },
];
