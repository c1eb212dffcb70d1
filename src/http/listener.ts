import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { Connections } from './connections.js';

/** Node's own defaults let 500 slow clients keep 500 connections for minutes. */
export const CONNECTION_LIMITS = {
  /** How long a client may take to send the head of a request, and all of it. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  /** How long a connection with a request may stall: a client that does not read its answer occupies a place. */
  timeout: 60_000,
  /** Longer than that of load balancers, so that they are the ones to close a connection: Google's keep one for 600 s. */
  keepAliveTimeout: 620_000,
  /** How often the timeouts above are checked. */
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
} as const;

/** An idle connection to a client that has vanished is closed, and what is between does not forget one that is idle for minutes. */
const PROBES = { keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

const CONNECTIONS_MAX = 10_000;

/**
 * Connections that may wait to be accepted; Linux lowers it to `net.core.somaxconn`. With Node's 511, clients that reconnect
 * all at once after a restart are dropped by the kernel, and try again after seconds.
 */
const BACKLOG = 4_096;

/** How often connections are checked for being idle while the server drains. */
const DRAIN_INTERVAL_MS = 50;

export interface Listener {
  /** The origin on which it listens: `http://127.0.0.1:4000`. */
  readonly origin: string;
  /**
   * Resolves when no client is connected any more, or after `announceMs`. Until then connections are accepted, because an
   * answer can tell a client to go elsewhere, which a closed port cannot.
   */
  disconnected(): Promise<void>;
  /** Accepts no more connections and resolves when the last request has been answered or cut off. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly handle: RequestListener;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** How long new connections are still accepted during shutdown, while any are open. */
  readonly announceMs?: number;
  /** How long requests in flight may take to finish after that, until they are cut off. */
  readonly drainTimeoutMs: number;
  readonly limits?: Readonly<Record<keyof typeof CONNECTION_LIMITS, number>>;
  /** How many clients may be connected. Before that, those that have been idle the longest are disconnected. */
  readonly connectionsMax?: number;
}

/** Listens until it is closed. Rejects if it cannot. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const {
    handle,
    host,
    port,
    limits = CONNECTION_LIMITS,
    connectionsMax = CONNECTIONS_MAX,
  } = options;
  const server = createServer({ ...limits, ...PROBES }, handle);
  server.maxConnections = connectionsMax;
  const connections = new Connections(server, connectionsMax);
  server.listen({ host, port, backlog: BACKLOG });
  await once(server, 'listening');
  const announceMs = options.announceMs ?? 0;
  const watch = setInterval(
    () => connections.limitStuck(limits.timeout),
    limits.connectionsCheckingInterval,
  );
  watch.unref();
  return {
    origin: originOf(server),
    disconnected: () => {
      connections.leave();
      return disconnected(connections, announceMs);
    },
    close: async () => {
      connections.leave();
      const closed = once(server, 'close');
      const cut = setTimeout(() => server.closeAllConnections(), options.drainTimeoutMs);
      await connections.noneWaits(announceMs);
      // Not with the method of `node:http`, which would close connections whose first request is on its way.
      NetServer.prototype.close.call(server);
      const sweep = setInterval(() => connections.closeSilent(announceMs), DRAIN_INTERVAL_MS);
      connections.closeSilent(announceMs);
      await closed;
      clearInterval(sweep);
      clearInterval(watch);
      clearTimeout(cut);
    },
  };
}

function originOf(server: Server): string {
  const { address, family, port } = addressOf(server);
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** A server that listens on a port has an address with one. */
function addressOf(server: Server): AddressInfo {
  return server.address() as AddressInfo;
}

/** Resolves when there are no connections, or after the given time. */
function disconnected(connections: Connections, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearInterval(sweep);
      clearTimeout(over);
      resolve();
    };
    const look = () => {
      connections.closeSilent(timeoutMs);
      if (connections.count() === 0) end();
    };
    const sweep = setInterval(look, DRAIN_INTERVAL_MS);
    const over = setTimeout(end, timeoutMs);
    look();
  });
}
