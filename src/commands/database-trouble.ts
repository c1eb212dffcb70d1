import { messageOf, NoConnectionError, sqlStateOf } from '../store/failure.js';
import { isSocket, readAddress, type ServerAddress } from '../store/server-address.js';

/** A sentence or two about a problem with the database at an address; null if the error is about something else. */
export function sentenceAbout(error: Error, connectionString: string): string | null {
  const address = readAddress(connectionString);
  const trouble = { address, message: reasonOf(error), place: locationOf(connectionString) };
  const state = sqlStateOf(error);
  if (state !== null) return (BY_STATE.get(state) ?? anyState(state))(trouble);
  if (!(error instanceof NoConnectionError)) return null;
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const told = BY_CODE.get(code) ?? BY_MESSAGE.find(([start]) => start.test(trouble.message))?.[1];
  return (told ?? anyConnection)(trouble);
}

/** Without the password, and without the parameters, which may contain one too. */
export function locationOf(connectionString: string): string {
  const address = readAddress(connectionString);
  const { host, port, database } = address;
  const name = host.includes(':') ? `[${host}]` : host;
  const server = isSocket(address) ? host : `${name}:${port}`;
  return `PostgreSQL at ${server}/${database}`;
}

interface Trouble {
  readonly address: ServerAddress;
  readonly place: string;
  /** The message of the original error. */
  readonly message: string;
}

type Told = (trouble: Trouble) => string;

const BY_STATE: ReadonlyMap<string, Told> = new Map<string, Told>([
  ['3D000', noDatabase],
  ['28P01', wrongPassword],
  ['28000', notAllowed],
  [
    '08P01',
    ({ place, message }) =>
      /statement pooling/.test(message)
        ? `${place} is a pooler that pools statements: ${message}. Set its pool_mode to transaction or session.`
        : `${place} refuses the connection: ${message}. Correct DATABASE_URL, or the pooler's settings.`,
  ],
  [
    '25006',
    ({ place, message }) =>
      `${place} does not accept writes: ${message}. Set DATABASE_URL to the primary, or allow writes.`,
  ],
  [
    '42501',
    ({ place, message, address: { user } }) =>
      `${place} denies access to ${user === null ? 'this role' : `the role "${user}"`}: ${message}. ` +
      'Run `npm run db:migrate` as the owner of the tables, or make this role their owner.',
  ],
]);

/** Only the name of the file is the same in every language. */
function notAllowed({ place, message, address: { parameters } }: Trouble): string {
  const isEncrypted = (parameters.get('sslmode') ?? 'disable') !== 'disable';
  const refused = `${place} refuses the connection: ${message}.`;
  if (!message.includes('pg_hba.conf')) {
    return `${refused} Correct the user name in DATABASE_URL, or create the role with the right to log in.`;
  }
  const encrypt = isEncrypted ? '' : ', where sslmode=require asks for TLS';
  return `${refused} Allow it in the server's pg_hba.conf, or correct DATABASE_URL${encrypt}.`;
}

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
    `${place} cannot be used: ${message} (SQLSTATE ${state}). Correct DATABASE_URL, or the server.`;
}

const anyConnection: Told = ({ place, message }) =>
  `Cannot connect to ${place}: ${message}. Correct DATABASE_URL.`;

const MODES =
  'sslmode=disable does not encrypt, require encrypts without checking the certificate, verify-ca and verify-full check ' +
  'it against sslrootcert=FILE';

const uncertified: Told = ({ place, message }) =>
  `${place} has a certificate that is not trusted: ${message}. Choose in DATABASE_URL: ${MODES}.`;

const noFile: Told = ({ place, message }) =>
  `Cannot connect to ${place}, because a file that DATABASE_URL names cannot be read: ${message}. Correct its path.`;

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
    // OpenSSL, about a file.
    /^error:[\dA-F]+:/,
    ({ place, message }) =>
      `Cannot connect to ${place}, because a certificate or a key that DATABASE_URL names is not valid PEM: ${message}. ` +
      'Correct the file that sslcert or sslkey leads to.',
  ],
  [
    /Unknown authenticationOk message type/,
    ({ place }) =>
      `${place} asks for a way to authenticate that Tollgate does not support, such as GSSAPI. Allow ` +
      "scram-sha-256 for this user in the server's pg_hba.conf.",
  ],
  [
    /password must be a (non-empty )?string|no password supplied/i,
    ({ place }) => `${place} requires a password, and DATABASE_URL has none. Add it.`,
  ],
  [
    /does not support SSL|establishing an SSL connection/,
    ({ place }) =>
      `${place} does not support TLS, which DATABASE_URL requires. Turn it on there, or choose: ${MODES}.`,
  ],
];

/** The first line, without its full stop, which the sentence adds. */
function reasonOf(error: Error): string {
  return (messageOf(error).split('\n')[0] ?? '').replace(/\.$/, '');
}

/** A name quoted for SQL. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
