import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type LoadedServerConfig, loadConfig } from '../config.js';
import { CommandError } from './run.js';

/** The settings of a command, or its usage if that is what the user asks for. */
export function settingsOrHelp(
  usage: string,
  load: () => LoadedServerConfig = loadConfig,
): () => LoadedServerConfig {
  return () => (asksForHelp() ? { ok: false, usage } : load());
}

/** Not strict: whatever else is on the command line, help is given. */
function asksForHelp(): boolean {
  const { values } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
  });
  return values.help === true;
}

/** The arguments of a command; what it does not know is refused, with its usage. */
export function argumentsOf<const T extends ParseArgsConfig>(usage: string, known: T) {
  try {
    return parseArgs(known);
  } catch (error) {
    // Only the first sentence: the next ones of Node's messages are about positional arguments.
    const [reason] = error instanceof Error ? error.message.split('. ') : [];
    throw new CommandError(`${reason}.\n\n${usage}`, { cause: error });
  }
}

/** The one file that a command is about. */
export function fileGiven(usage: string, [path, ...more]: readonly string[]): string {
  if (path === undefined || path === '' || more.length > 0) throw new CommandError(usage);
  return path;
}

const DECIMAL = /^\d+(\.\d+)?$/;

/** A number of days as people write it; NaN for what only a program reads as a number, such as `0x10` or ` 5`. */
export function daysOf(text: string): number {
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}
