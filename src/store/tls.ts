import { connect, type Socket } from 'node:net';
import type pg from 'pg';

/**
 * The address with the TLS modes as libpq defines them. By default, pg treats `require` as `verify-full` and warns about it
 * in nine lines.
 */
export function withLibpqModes(connectionString: string): string {
  const url = new URL(connectionString);
  const { searchParams } = url;
  const mode = searchParams.get('sslmode');
  if (mode === null || mode === 'no-verify') return connectionString;
  searchParams.set('uselibpqcompat', 'true');
  // Traffic on a Unix socket cannot be intercepted.
  const host = searchParams.get('host') ?? decodeURIComponent(url.hostname);
  if (host.startsWith('/')) searchParams.set('sslmode', 'disable');
  // `allow` requires no more than `prefer` provides.
  else if (mode === 'allow') searchParams.set('sslmode', 'prefer');
  return url.href;
}

export function isTlsOptional(connectionString: string): boolean {
  return new URL(connectionString).searchParams.get('sslmode') === 'prefer';
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
