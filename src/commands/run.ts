import { type Config, type LoadedServerConfig, loadConfig } from '../config.js';
import { UnavailableError } from '../domain/unavailable.js';
import { exitOnSignals } from '../platform/shutdown.js';
import { MigrationError } from '../store/check-server.js';
import { EmbeddedError } from '../store/embedded/embedded-error.js';
import { FolderInUseError } from '../store/embedded/folder-lock.js';
import { NoConnectionError } from '../store/failure.js';

/** Why a command cannot do its work, in a sentence for its user. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

const EXPLAINED = [
  CommandError,
  MigrationError,
  EmbeddedError,
  FolderInUseError,
  NoConnectionError,
  UnavailableError,
];

/** Runs a command with the settings; errors are reported on stderr, with exit code 1. */
export async function runCommand(
  command: (config: Config) => Promise<void>,
  load: () => LoadedServerConfig = loadConfig,
): Promise<void> {
  exitOnSignals();
  const loaded = load();
  if ('usage' in loaded) {
    console.log(loaded.usage);
    return;
  }
  if (!loaded.ok) {
    for (const problem of loaded.problems) console.error(problem);
    process.exitCode = 1;
    return;
  }
  try {
    await command(loaded.config);
  } catch (error) {
    console.error(explanationOf(error) ?? error);
    process.exitCode = 1;
  }
}

/** The message for an error; null for an unforeseen one. */
export function explanationOf(error: unknown): string | null {
  const isExplained = EXPLAINED.some((known) => error instanceof known);
  return isExplained && error instanceof Error ? error.message : null;
}
