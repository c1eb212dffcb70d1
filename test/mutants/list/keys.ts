import type { Mutant } from '../mutant.js';

export const KEYS: readonly Mutant[] = [
  {
    guarantee: 'the last use of keys costs a statement a minute, not one a call',
    file: 'src/meter/access/key-use.ts',
    find: 'if (timer === null && !isStopped) timer',
    replace: 'if (!isStopped) timer',
    tests: ['unit/key-use.test.ts'],
  },
  {
    guarantee: 'the key uses that wait to be written are limited',
    file: 'src/meter/access/key-use.ts',
    find: 'if (first !== undefined) lastUses.delete(first);',
    replace: '',
    tests: ['unit/key-use.test.ts'],
  },
  {
    guarantee: 'the last use of keys is written at the shutdown',
    file: 'src/meter/access/key-use.ts',
    find: 'await writing;\n      await writeUses();',
    replace: 'await writing;',
    tests: ['unit/key-use.test.ts'],
  },
  {
    guarantee: 'the last use of a key does not go back',
    file: 'src/store/key-uses.ts',
    find: ' OR api_keys.last_used_at < u.at',
    replace: ' OR true',
    tests: ['store/key-uses.test.ts'],
  },
  {
    guarantee: 'recording the last use of keys waits for no lock',
    file: 'src/store/key-uses.ts',
    find: ' SKIP LOCKED',
    replace: '',
    tests: ['store/key-uses.test.ts'],
  },
];
