import { statSync } from 'node:fs';
import type { Config } from '../config.js';
import { monotonicMs } from '../platform/clock.js';
import { restoreBackup } from '../store/embedded/restore.js';
import { argumentsOf, settingsOrHelp } from './arguments.js';
import { embeddedFolder } from './embedded-only.js';
import { createProgress, TICK_MS } from './import/progress.js';
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
  const progress = createProgress({
    output: process.stderr,
    bytesTotal,
    monotonicMs,
    noun: 'files',
  });
  const ticking = setInterval(() => progress.tick({ lines: files, bytes }), TICK_MS);
  let files = 0;
  let bytes = 0;
  try {
    const { asOf } = await restoreBackup({
      path,
      folder,
      onRead: (read) => {
        bytes = read;
      },
      onFile: () => {
        files += 1;
      },
      onUnpacked: () => {
        clearInterval(ticking);
        progress.say('Unpacked and verified; starting the database once.');
      },
    });
    console.log(
      `${folder} has the database as of ${asOf}. What was recorded after that is not in it; a call that is retried with its ` +
        'idempotency key is recorded if it is missing, and only then. Next: npm run audit, then npm start.',
    );
  } finally {
    clearInterval(ticking);
    progress.end();
  }
}

function pathGiven(): string {
  const { positionals } = argumentsOf(USAGE, { allowPositionals: true });
  const [path, ...more] = positionals;
  if (path === undefined || path === '' || more.length > 0) throw new CommandError(USAGE);
  return path;
}

function sizeOf(path: string): number {
  try {
    const found = statSync(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${path} cannot be read: ${reason}.`, { cause: error });
  }
  throw new CommandError(`${path} is not a file.`);
}

await runCommand(restore, settingsOrHelp(USAGE));
