import type { Mutant } from '../mutant.js';

/** `npm run backup`, `npm run restore` and `npm run move`: nothing lost, nothing seen by others, nothing replaced. */
export const BACKUP: readonly Mutant[] = [
  {
    guarantee: 'the log that a backup needs is in it',
    file: 'src/store/embedded/backup-archive.ts',
    find: 'for (const name of segmentsOf(place, firstSegmentOf(label), lastSegment)) {',
    replace: 'for (const name of segmentsOf(place, firstSegmentOf(label), lastSegment).slice(1)) {',
    tests: ['store/backup.test.ts'],
  },
  {
    guarantee: 'the log is kept while files are copied',
    file: 'src/store/embedded/base-backup.ts',
    find: 'if (current === null) return true;\n      if (logBytes()',
    replace: "if (current?.state !== 'ENDED') return true;\n      if (logBytes()",
    tests: ['store/backup.test.ts'],
  },
  {
    guarantee: 'one backup at a time',
    file: 'src/store/embedded/base-backup.ts',
    find: "if (current !== null) return { kind: 'failed'",
    replace: "if (current?.port === port) return { kind: 'failed'",
    tests: ['store/backup.test.ts'],
  },
  {
    guarantee: 'a process without the token cannot back up',
    file: 'src/store/embedded/control.ts',
    find: "if (first.done || !isProof(first.value, token, 'command')) {",
    replace: 'if (first.done) {',
    tests: ['store/backup.test.ts'],
  },
  {
    guarantee: 'a process that cannot read the token is not believed',
    file: 'src/store/embedded/backup-source.ts',
    find: "if (!first.done && isProof(first.value, token, 'holder'))",
    replace: 'if (!first.done)',
    tests: ['store/backup.test.ts'],
  },
  {
    guarantee: 'only the owner can read a backup',
    file: 'src/store/embedded/write-backup.ts',
    find: "await open(unfinished, 'wx', 0o600)",
    replace: "await open(unfinished, 'wx', 0o644)",
    tests: ['store/backup.test.ts'],
  },
  {
    guarantee: 'what has changed in a backup is noticed',
    file: 'src/store/embedded/read-backup.ts',
    find: '|| file.sha256 !== other.sha256',
    replace: '',
    tests: ['store/backup.test.ts'],
  },
  {
    guarantee: 'a restore replaces nothing',
    file: 'src/store/embedded/restore.ts',
    find: '    refuseUnlessEmpty(folder);\n',
    replace: '',
    tests: ['store/backup.test.ts'],
  },
];
