/** What is needed of an address to say of which server and database something is told. */
export interface DatabaseUrl {
  /** `db.example:5432`, or the folder of a socket. */
  readonly server: string;
  readonly database: string;
  /** Null where it is left to the environment. */
  readonly user: string | null;
}

/** The modes of libpq, and one of this client's own: encrypted, but with whomever. */
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
const SSL_MODES_TAKEN = new Set([...SSL_MODES, 'no-verify']);

/** Other databases, whose names in an address are no secret. */
const OTHER_SCHEMES =
  /^(cockroachdb|file|https?|jdbc|mariadb|mongodb(\+srv)?|mysql|mssql|oracle|prisma(\+postgres)?|redis|rediss|sqlite|sqlserver)$/;

/**
 * What is wrong with the address, for people; null where nothing is. Of an address that can't be read nothing is shown:
 * any piece of it may be one of a password.
 */
export function problemOfDatabaseUrl(value: string): string | null {
  const scheme = /^([a-z+]+):/i.exec(value)?.[1]?.toLowerCase() ?? '';
  if (OTHER_SCHEMES.test(scheme)) return `is an address for "${scheme}"`;
  if (!/^postgres(ql)?:\/\//i.test(value) || !URL.canParse(value)) return UNREADABLE;
  const url = new URL(value);
  const { hostname, pathname, search, hash, searchParams } = url;
  // A password with one of these in it ends the address early, and the rest of it stands here.
  if (hash !== '' || `${pathname}${search}`.includes('@') || !isDecodable(url)) return UNREADABLE;
  const host = searchParams.get('host') ?? hostname;
  if (host === '') return 'is an address without a host';
  if (host.includes(','))
    return 'is an address of several hosts, of which Tollgate connects to one';
  if (/^\/?$/.test(pathname)) return 'is an address without the name of a database';
  if (pathname.includes('/', 1)) return 'is an address with a slash in the name of its database';
  // Prisma's addresses may name a schema; our migrations and raw SQL are written for one.
  if ((searchParams.get('schema') ?? 'public') !== 'public')
    return 'is an address with a schema other than public';
  return problemOfTls(searchParams);
}

export function isDatabaseUrl(value: string): boolean {
  return problemOfDatabaseUrl(value) === null;
}

const UNREADABLE =
  'is no address that can be read (not shown, as it may hold a password; within a user name or a ' +
  'password, / ? # @ : % are written %2F %3F %23 %40 %3A %25)';

function problemOfTls(parameters: URLSearchParams): string | null {
  const mode = parameters.get('sslmode');
  if (mode === null) return null;
  const modes = `${SSL_MODES.slice(0, -1).join(', ')} or ${SSL_MODES.at(-1)}`;
  if (!SSL_MODES_TAKEN.has(mode))
    return `is an address with an unknown sslmode, which may be ${modes}`;
  if (mode === 'verify-ca' && !parameters.has('sslrootcert')) {
    return 'is an address with sslmode=verify-ca but no sslrootcert=FILE, the certificate to trust';
  }
  return null;
}

function isDecodable({ username, password, pathname }: URL): boolean {
  try {
    for (const part of [username, password, pathname]) decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** Of an address without a problem. */
export function readDatabaseUrl(value: string): DatabaseUrl {
  const { hostname, port, pathname, username, searchParams } = new URL(value);
  const host = searchParams.get('host') ?? decodeURIComponent(hostname);
  const number = searchParams.get('port') ?? port;
  return {
    server: host.startsWith('/') ? host : `${host}:${number === '' ? 5432 : number}`,
    database: decodeURIComponent(pathname.slice(1)),
    user: searchParams.get('user') ?? (username === '' ? null : decodeURIComponent(username)),
  };
}
