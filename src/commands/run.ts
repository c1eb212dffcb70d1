import { type Config, type LoadedServerConfig, loadConfig } from '../config.js';
import { UnavailableError } from '../domain/unavailable.js';
import { TrustedDocumentsError } from '../http/trusted/trusted-documents-error.js';
import { exitOnSignals } from '../platform/shutdown.js';
import { MigrationError } from '../store/check-server.js';
import { PlacesError } from '../store/each-place.js';
import { EmbeddedError } from '../store/embedded/embedded-error.js';
import { FolderInUseError } from '../store/embedded/folder-lock.js';
import { NoConnectionError, sqlStateOf } from '../store/failure.js';
import { MoveError } from '../store/move/move.js';
import { numberOf } from '../store/placed.js';
import { ServersError } from '../store/servers/servers-error.js';
import { sentenceAbout } from './database-trouble.js';

/** Why a command cannot do its work, in a sentence for its user. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

const EXPLAINED = [
  CommandError,
  MigrationError,
  EmbeddedError,
  FolderInUseError,
  MoveError,
  NoConnectionError,
  ServersError,
  TrustedDocumentsError,
  UnavailableError,
];

/** Runs a command with the settings; errors are reported on stderr, with exit code 1 or the one given. */
export async function runCommand(
  command: (config: Config) => Promise<void>,
  load: () => LoadedServerConfig = loadConfig,
  failureCode = 1,
): Promise<void> {
  exitOnSignals();
  const loaded = load();
  if ('usage' in loaded) {
    console.log(loaded.usage);
    return;
  }
  if (!loaded.ok) {
    for (const problem of loaded.problems) console.error(problem);
    process.exitCode = failureCode;
    return;
  }
  try {
    await command(loaded.config);
  } catch (error) {
    console.error(explanationOf(error) ?? denialOf(error, loaded.config) ?? error);
    process.exitCode = failureCode;
  }
}

const DENIED = '42501';

/** A right that the start did not find missing, or that was revoked since; null for any other error. */
function denialOf(error: unknown, { database }: Config): string | null {
  if (database.kind !== 'POSTGRESQL' || sqlStateOf(error) !== DENIED) return null;
  return error instanceof Error ? sentenceAbout(error, database.connectionString) : null;
}

/** The message of the error speaks of idempotency keys, which commands do not have. */
const OUTCOME_UNKNOWN =
  'The connection to the database was lost, or the server failed, before the commit was confirmed, so it may or may not have taken ' +
  'effect. Run the command again; if it was to create a key, first revoke the one whose secret was not ' +
  'shown: `npm run keys -- list` has its prefix.';

/** The message for an error; null for an unforeseen one. */
export function explanationOf(error: unknown): string | null {
  if (error instanceof UnavailableError && error.code === 'OUTCOME_UNKNOWN') return OUTCOME_UNKNOWN;
  if (error instanceof PlacesError) return explanationOfPlaces(error);
  const isExplained = EXPLAINED.some((known) => error instanceof known);
  return isExplained && error instanceof Error ? error.message : null;
}

/** A line for each place. If none is explained, the error is not either. */
function explanationOfPlaces({ failures }: PlacesError): string | null {
  const told = failures.map(({ error }) => explanationOf(error));
  if (told.every((one) => one === null)) return null;
  return failures
    .map(({ place, error }, n) => `Place ${numberOf(place)}: ${told[n] ?? String(error)}`)
    .join('\n');
}
