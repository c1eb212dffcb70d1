import type { Mutant } from '../mutant.js';

/** Large reads begin a few at a time, and what happens to those that wait. */
export const LARGE_READS: readonly Mutant[] = [
  {
    guarantee: 'large reads of a project begin a few at a time',
    file: 'src/meter/read/large-reads.ts',
    find: 'inFlightPerProjectMax: LARGE_READS_COST_MAX,',
    replace: 'inFlightPerProjectMax: LARGE_READS_COST_MAX * 100,',
    tests: ['graphql/large-reads.test.ts'],
  },
  {
    guarantee: 'large reads of a project do not wait for those of others',
    file: 'src/meter/read/large-reads.ts',
    find: 'inFlightMax: Number.POSITIVE_INFINITY,',
    replace: 'inFlightMax: LARGE_READS_COST_MAX,',
    tests: ['graphql/large-reads.test.ts'],
  },
  {
    guarantee: 'small reads do not wait for large ones',
    file: 'src/http/exchange.ts',
    find: 'weight <= SMALL_READ_COST_MAX',
    replace: 'weight <= 0',
    tests: ['graphql/large-reads.test.ts'],
  },
  {
    guarantee: 'a large read whose client has gone leaves the queue at once',
    file: 'src/http/exchange.ts',
    find: 'this.#incoming.onEnd(() => largeReads.leave(visitor));',
    replace: '',
    tests: ['graphql/large-reads.test.ts'],
  },
  {
    guarantee: 'a large read that has waited for too long is refused',
    file: 'src/meter/gate.ts',
    find: 'if (since > latest) break;',
    replace: 'break;',
    tests: ['unit/large-reads.test.ts', 'graphql/large-reads.test.ts'],
  },
  {
    guarantee: 'a light read does not overtake a heavy one that came before it',
    file: 'src/meter/gate.ts',
    find: 'if (!isStopped && !this.#hasRoom(visitor)) return null;',
    replace: 'if (!isStopped && !this.#hasRoom(visitor)) continue;',
    tests: ['unit/large-reads.test.ts'],
  },
];
