import type { Mutant } from '../mutant.js';

const HISTORIES_TEST = 'graphql/histories.test.ts';

/** Faults that histories of concurrent calls reveal, although no test looks for them. */
export const HISTORIES: readonly Mutant[] = [
  {
    guarantee: 'histories: no update is lost',
    file: 'src/store/commit.ts',
    find: 'AND c.version = g.version',
    replace: '',
    tests: [HISTORIES_TEST],
  },
  {
    guarantee: 'histories: no check is stale',
    file: 'src/store/standings.ts',
    find: 'const known = id !== null && asked.known?.version === Number(version) ? asked.known : null;',
    replace: 'const known = id !== null ? asked.known : null;',
    tests: [HISTORIES_TEST],
  },
  {
    guarantee: 'histories: nothing is captured twice',
    file: 'src/domain/settle.ts',
    find: 'withHold(tracked.account, after)',
    replace: 'withHold(tracked.account, request.final ? { ...hold, charges: [] } : after)',
    tests: [HISTORIES_TEST],
  },
];
