import type { Config } from '../config.js';
import { interruption } from '../platform/shutdown.js';
import { type BackupSource, openBackupSource } from '../store/embedded/backup-source.js';
import { type WrittenBackup, writeBackup } from '../store/embedded/write-backup.js';
import { argumentsOf, fileGiven, settingsOrHelp } from './arguments.js';
import { embeddedFolder } from './embedded-only.js';
import { type Done, watchProgress } from './import/progress.js';
import { runCommand } from './run.js';

const USAGE = `Usage:
  npm run backup -- FILE [--overwrite]

Writes a backup of the embedded database in DATA_DIR to a file, and verifies it. The gateway may be running, and goes on. The
file contains all that the gateway stores of customers: only its owner may read it.`;

/** Backs up the embedded database. The exit code is that of the signal if it was interrupted. */
async function backup(config: Config): Promise<void> {
  const { path, overwrite } = parsed();
  const folder = embeddedFolder(config, 'Use pg_dump or base backups for PostgreSQL');
  const source = await openBackupSource(folder);
  const stopped = interruption();
  try {
    const { bytes, asOf } = await written(source, { path, overwrite, stop: stopped.signal });
    console.log(
      `${path} is a verified backup of the database in ${folder} as of ${asOf} (${megabytes(bytes)} MB). ` +
        `Restore it with: npm run restore -- ${path}`,
    );
  } catch (error) {
    const code = stopped.exitCode();
    if (code === null) throw error;
    console.error('Interrupted; no file was written.');
    process.exitCode = code;
  } finally {
    await source.close();
  }
}

function parsed() {
  const { positionals, values } = argumentsOf(USAGE, {
    allowPositionals: true,
    options: { overwrite: { type: 'boolean' } },
  });
  return { path: fileGiven(USAGE, positionals), overwrite: values.overwrite === true };
}

interface Given {
  readonly path: string;
  readonly overwrite: boolean;
  readonly stop: AbortSignal;
}

async function written(source: BackupSource, given: Given): Promise<WrittenBackup> {
  let done: Done = { lines: 0, bytes: 0 };
  const progress = watchProgress({ bytesTotal: source.bytes, noun: 'files' }, () => done);
  try {
    return await writeBackup({
      source,
      ...given,
      onCopied: ({ files, bytes }) => {
        done = { lines: files, bytes };
      },
      onWritten: () => progress.sayLast('Written; reading it again to verify it.'),
    });
  } finally {
    progress.end();
  }
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

await runCommand(backup, settingsOrHelp(USAGE));
