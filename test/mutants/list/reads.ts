import type { Mutant } from '../mutant.js';

export const READS: readonly Mutant[] = [
  {
    guarantee: 'events before a time are those before it, not at it',
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
    guarantee: 'reads of one project that wait are bounded',
    file: 'src/meter/read/read-queue.ts',
    find: 'project.count >= this.#options.waitingPerProjectMax ||',
    replace: '',
    tests: ['unit/read-queue.test.ts'],
  },
  {
    guarantee: 'statements of one project under way are bounded',
    file: 'src/meter/read/read-queue.ts',
    find: 'if (project.inFlight >= this.#options.inFlightPerProjectMax) continue;',
    replace: '',
    tests: ['unit/read-queue.test.ts'],
  },
  {
    guarantee: 'statements under way are bounded',
    file: 'src/meter/read/read-queue.ts',
    find: 'if (this.#inFlight >= this.#options.inFlightMax) return null;',
    replace: '',
    tests: ['unit/read-queue.test.ts'],
  },
  {
    guarantee: 'a read waits for a bounded time',
    file: 'src/meter/read/read-queue.ts',
    find: "if (since <= latest) reject(new UnavailableError('READS_OVERLOADED'));",
    replace: '',
    tests: ['unit/read-queue.test.ts'],
  },
  {
    guarantee: 'what nobody wants any more is not read',
    file: 'src/meter/read/read-queue.ts',
    find: `return asker.stopped === null;
  });`,
    replace: `return true;
  });`,
    tests: ['unit/read-queue-stop.test.ts'],
  },
  {
    guarantee: 'two filters are two lists',
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
    guarantee: 'pages of two customers are told apart in reads that are joined',
    file: 'src/meter/read/entity.ts',
    find: 'textOf: (page) => `${page.customerKey}:${pageText(page)}`,',
    replace: 'textOf: (page) => pageText(page),',
    tests: ['graphql/reads.test.ts'],
  },
  {
    guarantee: 'ledgers of two balances are told apart in reads that are joined',
    file: 'src/meter/read/ledger-entry.ts',
    find: '`${page.customerKey}:${page.balanceId}:${pageText(page)}`',
    replace: '`${page.customerKey}:${pageText(page)}`',
    tests: ['graphql/reads.test.ts'],
  },
  {
    guarantee: 'two pages are told apart in reads that are joined',
    file: 'src/meter/read/read-kind.ts',
    find: 'JSON.stringify([limit, after, before, inverted])',
    replace: 'JSON.stringify([limit, after, before])',
    tests: ['graphql/reads.test.ts'],
  },
  {
    guarantee: 'two customers are told apart in reads of entities that are joined',
    file: 'src/meter/read/entity.ts',
    find: 'textOf: ({ customerKey, id }) => `${customerKey}:${id}`,',
    replace: 'textOf: ({ id }) => id,',
    tests: ['graphql/reads.test.ts'],
  },
];
