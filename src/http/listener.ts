import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Node's own defaults let 500 slow clients keep 500 connections for minutes. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  /** Longer than the 60 s of most load balancers, so that it is they who let go of a connection. */
  keepAliveTimeout: 65_000,
  /** How often the timeouts above are looked at. */
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
} as const;

const CONNECTIONS_MAX = 10_000;

/**
 * Connections that may wait to be accepted; Linux lowers it to `net.core.somaxconn`. With Node's 511, clients that come back
 * all at once after a restart are overlooked by the kernel, and try again after seconds.
 */
const BACKLOG = 4_096;

/** How often connections that have become idle are closed while the server drains. */
const DRAIN_INTERVAL_MS = 50;

export interface Listener {
  /** Where it listens: `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** Takes no more connections and resolves when the last request has been answered, or cut off. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly handle: RequestListener;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** How long requests in flight may take to finish at the end, until they are cut off. */
  readonly drainTimeoutMs: number;
}

/** Listens until it is closed. Rejects where it can't. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { handle, host, port, drainTimeoutMs } = options;
  const server = createServer(LIMITS, handle);
  server.maxConnections = CONNECTIONS_MAX;
  server.listen({ host, port, backlog: BACKLOG });
  await once(server, 'listening');
  return { origin: originOf(server), close: () => drain(server, drainTimeoutMs) };
}

function originOf(server: Server): string {
  const { address, family, port } = addressOf(server);
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** A server that listens on a port has an address with one. */
function addressOf(server: Server): AddressInfo {
  return server.address() as AddressInfo;
}

async function drain(server: Server, timeoutMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A connection that was busy just now is kept alive after its answer; nobody will use it again.
  const sweep = setInterval(() => server.closeIdleConnections(), DRAIN_INTERVAL_MS);
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
