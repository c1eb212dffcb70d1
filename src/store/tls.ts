import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type pg from 'pg';
import { isSocket, type ServerAddress } from './server-address.js';

/** The modes as libpq defines them, and `no-verify`. pg reads `require` as `verify-full`. */
export function tlsOf(address: ServerAddress): pg.ClientConfig['ssl'] {
  const { parameters } = address;
  const mode = parameters.get('sslmode');
  if (isSocket(address) || mode === 'disable') return false;
  const files = filesOf(parameters);
  switch (mode) {
    case undefined:
      // pg's own spelling.
      if (parameters.get('ssl') === 'no-verify') break;
      return isWanted(parameters) ? files : false;
    case 'verify-full':
      return files;
    case 'verify-ca':
      return { ...files, checkServerIdentity: () => undefined };
    case 'require':
      // With an authority to check against, it is the same as verify-ca.
      if (files.ca !== undefined) return { ...files, checkServerIdentity: () => undefined };
  }
  return { ...files, rejectUnauthorized: false };
}

/** Without a mode, pg's own parameters and the certificates ask for TLS. */
function isWanted(parameters: ServerAddress['parameters']): boolean {
  const ssl = parameters.get('ssl') ?? '';
  if (['0', 'false'].includes(ssl)) return false;
  const isDirect = parameters.get('sslnegotiation') === 'direct';
  return ssl !== '' || isDirect || FILES.some(([, name]) => parameters.has(name));
}

const FILES = [
  ['cert', 'sslcert'],
  ['key', 'sslkey'],
  ['ca', 'sslrootcert'],
] as const;

function filesOf(parameters: ServerAddress['parameters']): { ca?: string } {
  const given = FILES.flatMap(([option, name]) => {
    const path = parameters.get(name);
    return path ? [[option, readFileSync(path, 'utf8')] as const] : [];
  });
  return Object.fromEntries(given);
}

/** `allow` requires no more than `prefer` provides. */
export function isTlsOptional(address: ServerAddress): boolean {
  const mode = address.parameters.get('sslmode') ?? '';
  return ['allow', 'prefer'].includes(mode) && !isSocket(address);
}

/** Makes the client ask first whether the server supports TLS, and do without it otherwise. */
export function makeTlsOptional(client: pg.Client, timeoutMs: number): void {
  const connect = client.connect.bind(client);
  const ask = async () => {
    if (!(await offersTls(client.host, client.port, timeoutMs))) leaveTlsOut(client);
  };
  const askThenConnect = (callback?: (error: Error) => void) => {
    if (callback === undefined) return ask().then(() => connect());
    void ask().then(() => connect(callback));
    return undefined;
  };
  client.connect = askThenConnect as pg.Client['connect'];
}

/** Both check it when they connect; that of the connection is missing from pg's types. */
function leaveTlsOut(client: pg.Client): void {
  client.ssl = false;
  Reflect.set(client.connection, 'ssl', false);
}

/** The message that requests TLS from a server; the answer is one letter. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const YES = 'S'.charCodeAt(0);

/** Asks on a separate connection; a server that does not answer will not answer the next one either. */
function offersTls(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host, port });
    const answer = (offers: boolean) => {
      resolve(offers);
      socket.destroy();
    };
    socket.setTimeout(timeoutMs, () => answer(false));
    socket.once('connect', () => socket.write(SSL_REQUEST));
    socket.once('data', (data) => answer(data[0] === YES));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
  });
}
