import type { RequestListener } from 'node:http';
import { createDirect } from './http/direct.js';
import { createOperationLog } from './http/request-log.js';
import { createServer, type ServerOptions } from './http/yoga.js';

/** The whole of Tollgate but its socket. */
export interface Gateway {
  /** Answers a request without any network. */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Answers requests of `node:http`. */
  readonly handle: RequestListener;
  /** Not ready from now on; resolves once every call that was taken has been answered. */
  drain(): Promise<void>;
}

/** Puts the parts together, and listens to nothing. */
export function createGateway({ isReady, ...options }: ServerOptions): Gateway {
  let draining = false;
  const server = createServer({
    ...options,
    isReady: async () => !draining && (await isReady()),
  });
  return {
    fetch: async (url, init = {}) => server.fetch(String(url), init),
    handle: createDirect({ ...options, yoga: server, log: createOperationLog(options.logger) }),
    async drain() {
      draining = true;
      await options.commands.drain();
      await server.dispose();
    },
  };
}
