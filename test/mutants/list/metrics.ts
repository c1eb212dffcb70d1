import type { Mutant } from '../mutant.js';

export const METRICS: readonly Mutant[] = [
  {
    guarantee: 'the names of operations that metrics have are bounded',
    file: 'src/http/operation-figures.ts',
    find: ' && this.#names.size < NAMES_MAX',
    replace: '',
    tests: ['unit/operation-figures.test.ts'],
  },
  {
    guarantee: 'an operation whose document is not trusted is not counted by its name',
    file: 'src/http/operation-figures.ts',
    find: '(this.#configured.has(name) || isTrusted)',
    replace: 'true',
    tests: ['unit/operation-figures.test.ts'],
  },
  {
    guarantee: 'the results that metrics have are bounded',
    file: 'src/http/operation-figures.ts',
    find: ' && PROTOCOL_ERROR_CODES.has(code)',
    replace: '',
    tests: ['unit/operation-figures.test.ts'],
  },
  {
    guarantee: 'a scrape is written in turns',
    file: 'src/metrics/exposition.ts',
    find: 'const VALUES_AT_ONCE = 250;',
    replace: 'const VALUES_AT_ONCE = 1_000_000;',
    tests: ['unit/exposition.test.ts'],
  },
  {
    guarantee: 'a scrape without the token is refused',
    file: 'src/metrics/handle.ts',
    find: 'token === null || ',
    replace: 'token !== null || ',
    tests: ['graphql/metrics.test.ts'],
  },
  {
    guarantee: 'a guard failure is counted once',
    file: 'src/meter/write/commit-groups.ts',
    find: '...stale.map(noted)',
    replace: '...stale',
    tests: ['graphql/metrics.test.ts'],
  },
  {
    guarantee: 'an operation is counted once, and as what it is answered with',
    file: 'src/http/answer.ts',
    find: "    this.#outcome = reason.extensions['code'];\n",
    replace: '',
    tests: ['graphql/metrics-counted.test.ts'],
  },
  {
    guarantee: 'a worker that does not answer a scrape does not hold it up',
    file: 'src/commands/worker-scrapes.ts',
    find: 'setTimeout(() => scrape.end(), ANSWER_MS_MAX)',
    replace: 'setTimeout(() => undefined, ANSWER_MS_MAX)',
    tests: ['graphql/metrics.test.ts'],
  },
];
