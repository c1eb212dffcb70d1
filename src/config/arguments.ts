import { parseArgs } from 'node:util';
import { shown } from './setting.js';

/** The server's command line. */
export type ServerArguments =
  | {
      readonly ok: true;
      /** As written; null if not given. */
      readonly workers: string | null;
    }
  | { readonly ok: false; readonly problems: readonly string[] }
  | { readonly ok: false; readonly usage: string };

/** More processes than this share a database badly: each has its own connection pool. */
export const WORKERS_MAX = 128;

const USAGE = `Usage: npm start -- [--workers N]    or    node dist/main.js [--workers N]

  --workers N   processes that share the port: 1 to ${WORKERS_MAX}, or auto for one per core
  --help        shows this text

All other settings are environment variables: see docs/configuration.md.`;

const OPTIONS = {
  workers: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Not strict, because Node's own messages about unknown options mention positional ones. */
export function readArguments(args: readonly string[]): ServerArguments {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  let workers: string | null = null;
  for (const token of tokens) {
    if (token.kind === 'option' && token.name === 'help') return { ok: false, usage: USAGE };
    if (token.kind !== 'option' || token.name !== 'workers') {
      return {
        ok: false,
        problems: [`${plain(args[token.index] ?? '')} is not an option of this command.`, USAGE],
      };
    }
    // The message about invalid values would have no value to show.
    if (!token.value) return { ok: false, problems: ['--workers needs a number.', USAGE] };
    workers = token.value;
  }
  return { ok: true, workers };
}

/** Without quotes if none are needed. */
function plain(argument: string): string {
  return /^(?!.*tg_sk_)[\w=.-]{1,100}$/.test(argument) ? argument : shown(argument);
}
