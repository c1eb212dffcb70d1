import { type DatabaseUrl, readDatabaseUrl } from '../config/database-url.js';
import { NoConnectionError, sqlStateOf } from '../store/failure.js';

/** What went wrong with the database of an address, in a sentence or two; null where it is not about that. */
export function sentenceAbout(error: Error, connectionString: string): string | null {
  const address = readDatabaseUrl(connectionString);
  const trouble = { address, message: reasonOf(error), place: placeOf(connectionString) };
  const state = sqlStateOf(error);
  if (state !== null) return (BY_STATE.get(state) ?? anyState(state))(trouble);
  if (!(error instanceof NoConnectionError)) return null;
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const told = BY_CODE.get(code) ?? BY_MESSAGE.find(([start]) => start.test(trouble.message))?.[1];
  return (told ?? anyConnection)(trouble);
}

/** Without the password, and without the parameters, which may hold one too. */
export function placeOf(connectionString: string): string {
  const { server, database } = readDatabaseUrl(connectionString);
  return `PostgreSQL at ${server}/${database}`;
}

interface Trouble {
  readonly address: DatabaseUrl;
  readonly place: string;
  /** What was said of it where it was found. */
  readonly message: string;
}

type Told = (trouble: Trouble) => string;

const BY_STATE: ReadonlyMap<string, Told> = new Map<string, Told>([
  ['3D000', noDatabase],
  ['28P01', wrongPassword],
  [
    '28000',
    ({ place, message }) =>
      `${place} refuses the connection: ${message}. Allow it in the server's pg_hba.conf, or correct DATABASE_URL${
        /no encryption|SSL off/.test(message) ? ', where sslmode=require asks for TLS' : ''
      }.`,
  ],
  [
    '08P01',
    ({ place, message }) =>
      /statement pooling/.test(message)
        ? `${place} is a pooler for single statements: ${message}. Set its pool_mode to transaction or session.`
        : `${place} refuses the connection: ${message}. Correct DATABASE_URL, or the pooler's settings.`,
  ],
  [
    '25006',
    ({ place, message }) =>
      `${place} takes no writes: ${message}. Name the primary in DATABASE_URL, or let it write.`,
  ],
  [
    '42501',
    ({ place, message, address: { user } }) =>
      `${place} does not let ${user === null ? 'this role' : `the role "${user}"`} in: ${message}. ` +
      'Let its owner run `npm run db:migrate`, or make this role the owner.',
  ],
]);

function noDatabase({ place, message, address: { database } }: Trouble): string {
  return (
    `${place} refuses the connection: ${message}. Correct DATABASE_URL, or create it with: ` +
    `CREATE DATABASE ${quoted(database)} ENCODING 'UTF8' TEMPLATE template0;`
  );
}

function wrongPassword({ place, message }: Trouble): string {
  return `${place} refuses the connection: ${message}. Correct the user name and the password in DATABASE_URL.`;
}

function anyState(state: string): Told {
  return ({ place, message }) =>
    `${place} can't be used: ${message} (SQLSTATE ${state}). Correct DATABASE_URL, or the server.`;
}

const anyConnection: Told = ({ place, message }) =>
  `${place} can't be connected to: ${message}. Correct DATABASE_URL.`;

const MODES =
  'sslmode=disable is not encrypted, require is encrypted with whomever, verify-ca and verify-full check ' +
  'the certificate by sslrootcert=FILE';

const uncertified: Told = ({ place, message }) =>
  `${place} has a certificate that is not trusted: ${message}. Choose in DATABASE_URL: ${MODES}.`;

const noFile: Told = ({ place, message }) =>
  `${place} can't be connected to, because a file that DATABASE_URL names can't be read: ${message}. Correct its path.`;

const BY_CODE: ReadonlyMap<string, Told> = new Map([
  ['ENOENT', noFile],
  ['EISDIR', noFile],
  ['EACCES', noFile],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', uncertified],
  ['SELF_SIGNED_CERT_IN_CHAIN', uncertified],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', uncertified],
  ['UNABLE_TO_GET_ISSUER_CERT', uncertified],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', uncertified],
  ['CERT_HAS_EXPIRED', uncertified],
  ['CERT_NOT_YET_VALID', uncertified],
  ['CERT_SIGNATURE_FAILURE', uncertified],
  ['CERT_UNTRUSTED', uncertified],
  ['CERT_REVOKED', uncertified],
  ['ERR_TLS_CERT_ALTNAME_INVALID', uncertified],
]);

const BY_MESSAGE: readonly (readonly [RegExp, Told])[] = [
  [
    /password must be a (non-empty )?string|no password supplied/i,
    ({ place }) => `${place} asks for a password, and DATABASE_URL has none. Add it.`,
  ],
  [
    /does not support SSL|establishing an SSL connection/,
    ({ place }) =>
      `${place} has no TLS, which DATABASE_URL asks for. Turn it on there, or choose: ${MODES}.`,
  ],
];

/** The first line, without the full stop that the sentence brings. */
function reasonOf({ message }: Error): string {
  return (message.split('\n')[0] ?? '').replace(/\.$/, '');
}

/** A name as SQL takes it. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
