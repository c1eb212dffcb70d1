import type { Config } from '../config.js';
import { connectOnce } from '../store/database.js';
import { mayAnswerLater } from '../store/failure.js';
import { migrate } from '../store/migrate.js';
import { readServers } from '../store/servers/place-map.js';
import { settingOf } from '../store/servers/server-sessions.js';
import { locationOf, sentenceAbout } from './database-trouble.js';
import { CommandError } from './run.js';

interface Telling {
  readonly say: (sentence: string) => void;
  readonly warn: (sentence: string) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Brings the other servers of a database up to date. One that is down does not keep the gateway from serving the customers of the others;
 * one whose address is not known would.
 */
export async function prepareServers(
  { places, servers }: Config,
  connectionString: string,
  { say, warn }: Telling,
): Promise<void> {
  if (places === 1) return;
  const home = await connectOnce({ connectionString }, CONNECT_TIMEOUT_MS);
  const names = await readServers(home).finally(() => home.end());
  const unknown = names.filter((name) => !servers.has(name));
  if (unknown.length > 0) throw new CommandError(unknownServers(unknown));
  for (const name of names) {
    const url = servers.get(name) ?? '';
    const address = { connectionString: url };
    try {
      await migrate({
        address,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        places,
        isHome: false,
        warn,
        say,
      });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!mayAnswerLater(error)) throw explained(error, name, url);
      warn(
        `The server ${name}, ${locationOf(url)}, cannot be reached: calls about its customers are answered DATABASE_UNAVAILABLE ` +
          'until it can. If this release has brought migrations, restart this gateway then.',
      );
    }
  }
}

function unknownServers(names: readonly string[]): string {
  const variables = names.map(settingOf);
  return `Customers of this database can be on ${names.length === 1 ? 'the server' : 'the servers'} ${names.join(', ')}. Set ${variables.join(' and ')}.`;
}

/** What is said of the address of a database is said of the setting that this one has. */
export function explained(error: Error, name: string, url: string): Error {
  const sentence = sentenceAbout(error, url) ?? error.message;
  const named = sentence.replaceAll(/\bDATABASE_URL\b/g, settingOf(name));
  return new CommandError(`The server ${name}: ${named}`, { cause: error });
}
