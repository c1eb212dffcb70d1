/** Guarantees of places on several servers. */
import type { Mutant } from '../mutant.js';

export const SERVERS: readonly Mutant[] = [
  {
    guarantee: 'where a place is now is not told by a reading that began before',
    file: 'src/store/servers/whereabouts.ts',
    find: 'await looking?.catch(() => undefined);',
    replace: '',
    tests: ['unit/servers.test.ts'],
  },
  {
    guarantee: 'a map that cannot be read moves nothing',
    file: 'src/store/servers/whereabouts.ts',
    find: 'return false;',
    replace: 'return true;',
    tests: ['unit/servers.test.ts'],
  },
  {
    guarantee: 'what finds its place closed looks for it elsewhere',
    file: 'src/store/retry.ts',
    find: 'if (await hasMoved?.()) throw',
    replace: 'if (hasMoved === undefined) throw',
    tests: ['unit/servers.test.ts'],
  },
  {
    guarantee: 'what finds its place gone looks for it elsewhere',
    file: 'src/store/retry.ts',
    find: "const isAway = failure === 'CLOSED' || (failure === 'MOVED' && hasMoved !== null);",
    replace: "const isAway = failure === 'CLOSED';",
    tests: ['unit/servers.test.ts'],
  },
  {
    guarantee: 'an older copy of the catalogue is none',
    file: 'src/store/servers/copies.ts',
    find: '(await readVersion(copy, projectId)) >= version',
    replace: '(await readVersion(copy, projectId)) >= 0',
    tests: ['unit/servers.test.ts'],
  },
  {
    guarantee: 'a copy that hangs holds nothing up for longer than one that is behind',
    file: 'src/store/servers/copies.ts',
    find: 'Promise.race([hasVersion(copy, projectId, version), late])',
    replace: 'hasVersion(copy, projectId, version)',
    tests: ['unit/servers.test.ts'],
  },
];
