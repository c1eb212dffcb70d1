import { HOME } from '../domain/place.js';
import { databaseUrlOf, isDatabaseUrl, sentenceAboutUrl } from './database-url.js';

const NAME = /^DATABASE_URL_([A-Z][A-Z0-9_]{0,29})$/;

const ALLOWED = 'postgresql://user:password@host:5432/database';

export interface ServersConfig {
  /** The addresses of further servers that customers can be on, by name. */
  readonly servers: ReadonlyMap<string, string>;
}

/**
 * Each `DATABASE_URL_NAME` is the address of a server. With one place there are no others: other programs may have variables of such
 * names.
 */
export function serversConfigOf(environment: NodeJS.ProcessEnv, places: number): ServersConfig {
  const servers = new Map<string, string>();
  if (places === 1) return { servers };
  for (const [variable, name] of named(environment)) {
    const url = databaseUrlOf(environment[variable]?.trim(), environment['PGSSLMODE']?.trim());
    if (url !== undefined) servers.set(name, url);
  }
  return { servers };
}

/** A sentence for each address that is not valid. */
export function problemsOfServers(environment: NodeJS.ProcessEnv, places: number): string[] {
  if (places === 1) return [];
  return named(environment).flatMap(([variable, name]) => {
    if (name === HOME)
      return [
        `${variable} is not possible: "home" is the server of DATABASE_URL. Choose another name.`,
      ];
    const value = environment[variable]?.trim() ?? '';
    const mode = environment['PGSSLMODE']?.trim() || undefined;
    if (isDatabaseUrl(databaseUrlOf(value, mode) ?? '')) return [];
    return [sentenceAboutUrl(value, mode ?? '', ALLOWED, variable)];
  });
}

/** Those that are set, with the name of the server in lower case. */
function named(environment: NodeJS.ProcessEnv): (readonly [variable: string, name: string])[] {
  return Object.keys(environment)
    .filter((variable) => (environment[variable]?.trim() ?? '') !== '')
    .flatMap((variable) => {
      const name = NAME.exec(variable)?.[1];
      return name === undefined ? [] : [[variable, name.toLowerCase()] as const];
    })
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}
