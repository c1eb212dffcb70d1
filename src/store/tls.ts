import { connect, type Socket } from 'node:net';
import type pg from 'pg';

/**
 * The address with the modes of TLS as libpq has them. Left alone, pg takes `require` for `verify-full` and warns of it
 * in nine lines.
 */
export function withLibpqModes(connectionString: string): string {
  const url = new URL(connectionString);
  const { searchParams } = url;
  const mode = searchParams.get('sslmode');
  if (mode === null || mode === 'no-verify') return connectionString;
  searchParams.set('uselibpqcompat', 'true');
  // Nobody listens in on a socket of the file system.
  if (searchParams.get('host')?.startsWith('/')) searchParams.set('sslmode', 'disable');
  // `allow` asks for no more than `prefer` gives.
  else if (mode === 'allow') searchParams.set('sslmode', 'prefer');
  return url.href;
}

export function isTlsOptional(connectionString: string): boolean {
  return new URL(connectionString).searchParams.get('sslmode') === 'prefer';
}

/** Lets the client ask first whether the server has TLS, and do without where it has none. */
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

/** Both look at it when they connect, and its connection's is left out of pg's types. */
function leaveTlsOut(client: pg.Client): void {
  client.ssl = false;
  Reflect.set(client.connection, 'ssl', false);
}

/** The message that asks a server for TLS; it answers with one letter. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const YES = 'S'.charCodeAt(0);

/** Asks on a connection of its own; a server that does not answer will not answer the next one either. */
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
