import { shown } from './setting.js';

/** The modes of libpq, and one of this client's own: encrypted, without checking the certificate. */
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
const SSL_MODES_TAKEN = new Set([...SSL_MODES, 'no-verify']);

/** Other databases, whose names in an address are no secret. */
const OTHER_SCHEMES =
  /^(cockroachdb|file|https?|jdbc|mariadb|mongodb(\+srv)?|mysql|mssql|oracle|prisma(\+postgres)?|redis|rediss|sqlite|sqlserver)$/;

/**
 * What is wrong with the address, as a message; null if nothing is. Nothing of an unreadable address is shown:
 * any part of it may belong to a password.
 */
export function problemOfDatabaseUrl(given: string): string | null {
  const value = withHost(given);
  const scheme = /^([a-z+]+):/i.exec(value)?.[1]?.toLowerCase() ?? '';
  if (OTHER_SCHEMES.test(scheme)) return `is an address for "${scheme}"`;
  if (USER_WITHOUT_HOST.test(value)) return WITHOUT_HOST;
  if (HOSTS.test(value)) return SEVERAL_HOSTS;
  if (!/^postgres(ql)?:\/\//i.test(value) || !URL.canParse(value)) return UNREADABLE;
  const url = new URL(value);
  const { hostname, pathname, search, hash, searchParams } = url;
  // An unescaped character in a password ends the address early, and the rest ends up here.
  if (hash !== '' || `${pathname}${search}`.includes('@') || !isDecodable(url)) return UNREADABLE;
  const repeated = problemOfRepeats(searchParams);
  if (repeated !== null) return repeated;
  const host = searchParams.get('host') ?? hostname;
  if (host === '') return WITHOUT_HOST;
  if (host.includes(',')) return SEVERAL_HOSTS;
  if (!isPort(searchParams.get('port') || url.port))
    return 'is an address with a port that is not a number from 1 to 65535';
  if (/^\/?$/.test(pathname)) return 'is an address without a database name';
  if (decodeURIComponent(pathname).includes('/', 1))
    return 'is an address with a slash in its database name';
  // Prisma's addresses can name a schema, but our migrations and raw SQL require `public`.
  if ((searchParams.get('schema') ?? 'public') !== 'public')
    return 'is an address with a schema other than public';
  return problemOfTls(searchParams);
}

export function isDatabaseUrl(value: string): boolean {
  return problemOfDatabaseUrl(value) === null;
}

/** A user, and then the database at once: the host may be a parameter. No password contains a slash. */
const USER_WITHOUT_HOST = /^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?])/i;

/** Hosts with a port each, as libpq has them, are not a URL. What follows them contains no end of a password. */
const HOSTS = /^postgres(?:ql)?:\/\/(?:[^/?#]*@)?[\w.:[\]%-]*,[\w.:[\]%,-]*(?:[/?][^@#]*)?$/i;

const SEVERAL_HOSTS = 'is an address with several hosts, but Tollgate connects to one';

const WITHOUT_HOST = 'is an address without a host';

/**
 * The address with a host, if it has a user and gives the host as a parameter, as addresses of sockets do:
 * `postgresql://user:password@/database?host=/socket`. By the standard for URLs, a user needs a host.
 */
function withHost(value: string): string {
  return /[?&]host=./.test(value) ? value.replace(USER_WITHOUT_HOST, '$1localhost') : value;
}

/** The address as the driver reads it; `sslMode` applies unless the address has its own, as for `psql`. */
export function databaseUrlOf(given: string | undefined, sslMode: string | undefined) {
  if (given === undefined) return undefined;
  const address = withHost(given);
  if (sslMode === undefined || !URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.searchParams.has('sslmode')) return address;
  url.searchParams.set('sslmode', sslMode);
  return url.href;
}

const UNREADABLE =
  'is not a valid address (it is not shown because it may contain a password; in a user name or ' +
  'password, write / ? # @ : % as %2F %3F %23 %40 %3A %25)';

/** Parameters whose names may be shown: another one may be a part of a password. */
const SHOWN = new Set([
  'host',
  'port',
  'user',
  'password',
  'options',
  'schema',
  'application_name',
]);

/** Which of two values counts, programs disagree on. */
function problemOfRepeats(parameters: URLSearchParams): string | null {
  const names = [...parameters.keys()];
  const name = names.find((name, index) => names.indexOf(name) < index);
  if (name === undefined) return null;
  const isShown = SHOWN.has(name) || /^ssl(mode|cert|key|rootcert)$/.test(name);
  return `is an address with ${isShown ? `the parameter ${name}` : 'a parameter'} more than once`;
}

function isPort(text: string): boolean {
  return text === '' || (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535);
}

const MODES = `${SSL_MODES.slice(0, -1).join(', ')} or ${SSL_MODES.at(-1)}`;

function problemOfTls(parameters: URLSearchParams): string | null {
  const mode = parameters.get('sslmode');
  if (mode === null) return null;
  if (!SSL_MODES_TAKEN.has(mode))
    return `is an address with an unknown sslmode, which must be ${MODES}`;
  if (mode === 'verify-ca' && !parameters.has('sslrootcert')) {
    return 'is an address with sslmode=verify-ca but no sslrootcert=FILE, the certificate to trust';
  }
  return null;
}

/** What is wrong, in a sentence that names the setting to correct; for an address or a mode that is refused. */
export function sentenceAboutUrl(
  given: string,
  sslMode: string,
  allowed: string,
  variable = 'DATABASE_URL',
): string {
  const problem = problemOfDatabaseUrl(given);
  if (problem !== null) return `${variable} ${problem}: it must be like ${allowed}.`;
  const start = `PGSSLMODE is ${shown(sslMode)}`;
  if (!SSL_MODES_TAKEN.has(sslMode)) return `${start}: it must be ${MODES}.`;
  return (
    `${start}, which needs the certificate to trust: add sslrootcert=FILE to ${variable}, or use ` +
    'another mode.'
  );
}

function isDecodable({ username, password, hostname, pathname }: URL): boolean {
  try {
    // PostgreSQL's names and passwords end at a NUL.
    return [username, password, hostname, pathname].every(
      (part) => !decodeURIComponent(part).includes('\0'),
    );
  } catch {
    return false;
  }
}
