/**
 * An address such as `postgresql://user:password@host:5432/database?sslmode=require`, taken apart. pg is given the parts:
 * its own reading leaves `%2B` and the like in the name of the database as they are, takes the port from PGPORT, and
 * changes a password in an address that contains a space.
 */
export interface ServerAddress {
  /** A name, an IP address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Null if left to the environment. */
  readonly user: string | null;
  readonly password: string | null;
  readonly parameters: ReadonlyMap<string, string>;
}

const PORT = 5432;

/** Requires an address that the settings accept. */
export function readAddress(connectionString: string): ServerAddress {
  const url = new URL(connectionString);
  const parameters = new Map(url.searchParams);
  const either = (name: string, part: string) =>
    parameters.get(name) || decodeURIComponent(part) || null;
  return {
    host: either('host', url.hostname.replace(/^\[(.+)\]$/, '$1')) ?? '',
    port: Number(either('port', url.port) ?? PORT),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: either('user', url.username),
    password: either('password', url.password),
    parameters,
  };
}

/** Traffic on a Unix socket cannot be intercepted, so it is not encrypted. */
export const isSocket = ({ host }: ServerAddress): boolean => host.startsWith('/');

/** What pg takes from an address besides its parts and TLS. */
const PARAMETERS = [
  'application_name',
  'client_encoding',
  'fallback_application_name',
  'idle_in_transaction_session_timeout',
  'lock_timeout',
  'options',
  'query_timeout',
  'replication',
  'sslnegotiation',
  'statement_timeout',
];

/** The parts as pg's configuration has them. What it does not name is taken from the environment. */
export function partsFor({ host, port, database, user, password, parameters }: ServerAddress) {
  const others = PARAMETERS.flatMap((name) => {
    const value = parameters.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(others),
    host,
    port,
    database,
    ...(user !== null && { user }),
    ...(password !== null && { password }),
  };
}
