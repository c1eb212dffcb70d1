import type { Config } from '../config.js';
import { CommandError } from './run.js';

/** The data folder, for a command that is of no use for a server. */
export function embeddedFolder({ database, dataFolder }: Config, instead: string): string {
  if (database.kind === 'EMBEDDED') return dataFolder;
  throw new CommandError(
    `DATABASE_URL is set, and this command is for the embedded database. ${instead} (docs/operations/backup.md).`,
  );
}
