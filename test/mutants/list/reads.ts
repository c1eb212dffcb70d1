import type { Mutant } from '../mutant.js';

export const READS: readonly Mutant[] = [
  {
    guarantee: 'events before a time do not include those at it',
    file: 'src/store/events.ts',
    find: 'occurredBefore === null ? null : firstIdAt(occurredBefore)',
    replace: 'occurredBefore === null ? null : firstIdAt(occurredBefore + 1)',
    tests: ['graphql/reads.test.ts'],
  },
  {
    guarantee: 'events from a time on include those at it',
    file: 'src/store/events.ts',
    find: 'occurredFrom === null ? null : firstIdAt(occurredFrom)',
    replace: 'occurredFrom === null ? null : firstIdAt(occurredFrom + 1)',
    tests: ['graphql/reads.test.ts'],
  },
  {
    guarantee: 'waiting reads of a project are limited',
    file: 'src/meter/read/read-queue.ts',
    find: 'project.count >= this.#options.waitingPerProjectMax ||',
    replace: '',
    tests: ['unit/read-queue.test.ts'],
  },
  {
    guarantee: 'statements in progress of a project are limited',
    file: 'src/meter/read/read-queue.ts',
    find: 'if (project.inFlight >= this.#options.inFlightPerProjectMax) continue;',
    replace: '',
    tests: ['unit/read-queue.test.ts'],
  },
  {
    guarantee: 'statements in progress are limited',
    file: 'src/meter/read/read-queue.ts',
    find: 'if (this.#inFlight >= this.#options.inFlightMax) return null;',
    replace: '',
    tests: ['unit/read-queue.test.ts'],
  },
  {
    guarantee: 'a read waits for a limited time',
    file: 'src/meter/read/read-queue.ts',
    find: "if (since <= latest) reject(new UnavailableError('READS_OVERLOADED'));",
    replace: '',
    tests: ['unit/read-queue.test.ts'],
  },
  {
    guarantee: 'abandoned reads are not executed',
    file: 'src/meter/read/read-queue.ts',
    find: `return asker.stopped === null;
  });`,
    replace: `return true;
  });`,
    tests: ['unit/read-queue-stop.test.ts'],
  },
  {
    guarantee: 'lists with different filters are read separately',
    file: 'src/meter/read/event.ts',
    find: `    eventName,
    occurredFrom,
    occurredBefore,
  ]);`,
    replace: `    eventName,
  ]);`,
    tests: ['graphql/reads.test.ts'],
  },
  {
    guarantee: 'combined reads distinguish pages of two customers',
    file: 'src/meter/read/entity.ts',
    find: 'listOf: ({ customerKey }) => customerKey,',
    replace: "listOf: () => '',",
    tests: ['graphql/reads.test.ts'],
  },
  {
    guarantee: 'combined reads distinguish ledgers of two balances',
    file: 'src/meter/read/ledger-entry.ts',
    find: 'listOf: ({ customerKey, balanceId }) => `${customerKey}:${balanceId}`,',
    replace: 'listOf: ({ customerKey }) => customerKey,',
    tests: ['graphql/reads.test.ts'],
  },
  {
    guarantee: 'combined reads distinguish two pages',
    file: 'src/meter/read/read-kind.ts',
    find: 'JSON.stringify([limit, after, before, inverted])',
    replace: 'JSON.stringify([limit, after, before])',
    tests: ['graphql/reads.test.ts'],
  },
  {
    guarantee: 'combined reads distinguish entities of two customers',
    file: 'src/meter/read/entity.ts',
    find: 'textOf: ({ customerKey, id }) => `${customerKey}:${id}`,',
    replace: 'textOf: ({ id }) => id,',
    tests: ['graphql/reads.test.ts'],
  },
];
