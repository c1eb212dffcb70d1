import type { Mutant } from '../mutant.js';

/** The embedded database. */
export const EMBEDDED: readonly Mutant[] = [
  {
    guarantee: 'a second process cannot open the folder',
    file: 'src/store/embedded/folder-lock.ts',
    find: `if (!(await claims(server, address))) {
    if (!leavesFile()`,
    replace: `if (!(await claims(server, address)) && folder === '') {
    if (!leavesFile()`,
    tests: ['unit/folder-lock.test.ts'],
  },
  {
    guarantee: 'the folder lock applies through every name of the folder',
    file: 'src/store/embedded/folder-lock.ts',
    find: '[path, `inode ${identity}`]',
    replace: '[path]',
    tests: ['unit/folder-lock.test.ts', 'store/embedded-moved.test.ts'],
  },
  {
    guarantee: 'the folder lock excludes earlier releases',
    file: 'src/store/embedded/folder-lock.ts',
    find: '[path, `inode ${identity}`]',
    replace: '[`inode ${identity}`]',
    tests: ['unit/folder-lock.test.ts'],
  },
  {
    guarantee: 'the name of a folder lock is given to no other folder',
    file: 'src/store/embedded/folder-lock.ts',
    find: "return openSync(folder, 'r');",
    replace: 'return null;',
    tests: ['unit/folder-lock.test.ts'],
  },
  {
    guarantee: 'a database that two data folders lead to is locked',
    file: 'src/store/embedded/embedded-database.ts',
    find: 'if (locks.length > 1 || !existsSync(cluster)) return;',
    replace: "if (cluster !== '') return;",
    tests: ['store/embedded-moved.test.ts'],
  },
  {
    guarantee: 'a database that has been created is locked',
    file: 'src/store/embedded/embedded-database.ts',
    find: '  await locks.lockCluster();\n',
    replace: '',
    tests: ['store/embedded-moved.test.ts'],
  },
  {
    guarantee: 'the engine does not write to another database in the place of its own',
    file: 'src/store/embedded/worker.ts',
    find: '  checkPlace();\n  if (idle) await space',
    replace: '  if (idle) await space',
    tests: ['store/embedded-moved.test.ts'],
  },
  {
    guarantee: 'the engine does not close on another database in the place of its own',
    file: 'src/store/embedded/worker.ts',
    find: '  checkPlace();\n  await engine.close();',
    replace: '  await engine.close();',
    tests: ['store/embedded-moved.test.ts'],
  },
  {
    guarantee: 'a database on another disk works through a link',
    file: 'src/store/embedded/cluster-folder.ts',
    find: 'found.isSymbolicLink() ? targetOf(cluster) : cluster',
    replace: 'cluster',
    tests: ['store/embedded-moved.test.ts'],
  },
  {
    guarantee: 'a link in a database is not taken for a loss',
    file: 'src/store/embedded/cluster-folder.ts',
    find: 'if (link === undefined) return;',
    replace: "if (link?.name !== '') return;",
    tests: ['store/starts-embedded.test.ts'],
  },
  {
    guarantee: 'a full disk is reported once',
    file: 'src/store/embedded/housekeeping.ts',
    find: 'if (isFull === wasFull) return;',
    replace: 'if (!isFull) return;',
    tests: ['unit/space-guard.test.ts'],
  },
  {
    guarantee: 'every session on a full disk is read-only',
    file: 'src/store/embedded/housekeeping.ts',
    find: `    reset: () => {
      isReadOnly = false;`,
    replace: '    reset: () => {',
    tests: ['unit/space-guard.test.ts'],
  },
];
