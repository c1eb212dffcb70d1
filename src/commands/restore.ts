import { statSync } from 'node:fs';
import type { Config } from '../config.js';
import { unreadable } from '../platform/file-trouble.js';
import { restoreBackup } from '../store/embedded/restore.js';
import { argumentsOf, fileGiven, settingsOrHelp } from './arguments.js';
import { embeddedFolder } from './embedded-only.js';
import { watchProgress } from './import/progress.js';
import { CommandError, runCommand } from './run.js';

const USAGE = `Usage:
  npm run restore -- FILE

Restores a backup of \`npm run backup\` into DATA_DIR, which must be empty. What was recorded after the backup is not in it:
docs/operations/backup.md says what to do about that.`;

/** Restores the embedded database. */
async function restore(config: Config): Promise<void> {
  const path = pathGiven();
  const folder = embeddedFolder(config, 'Restore a database of PostgreSQL with its own tools');
  const bytesTotal = sizeOf(path);
  const done = { lines: 0, bytes: 0 };
  const progress = watchProgress({ bytesTotal, noun: 'files' }, () => done);
  try {
    const { asOf } = await restoreBackup({
      path,
      folder,
      onRead: (read) => {
        done.bytes = read;
      },
      onFile: () => {
        done.lines += 1;
      },
      onUnpacked: () => progress.sayLast('Unpacked and verified; starting the database once.'),
    });
    console.log(
      `${folder} has the database as of ${asOf}. What was recorded after that is not in it; a call that is retried with its ` +
        'idempotency key is recorded if it is missing, and only then. Next: npm run audit, then npm start.',
    );
  } finally {
    progress.end();
  }
}

function pathGiven(): string {
  const { positionals } = argumentsOf(USAGE, { allowPositionals: true });
  return fileGiven(USAGE, positionals);
}

function sizeOf(path: string): number {
  try {
    const found = statSync(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new CommandError(unreadable(path, error), { cause: error });
  }
  throw new CommandError(`${path} is not a file.`);
}

await runCommand(restore, settingsOrHelp(USAGE));
