/** A gateway in this process, on any database, with a clock that a test sets. */
import { listen } from '../../../src/http/listener.js';
import { createLogger } from '../../../src/platform/logger.js';
import type { DatabaseAddress } from '../../../src/store/database.js';
import type { OpenStore } from '../../../src/store/store.js';
import { keyOf } from '../database/project.js';
import { handleOf } from './adapter.js';
import { PATIENT_DATABASE, WRITE_QUEUE } from './limits.js';
import { type GatewayLimits, openGateway } from './open-gateway.js';

export interface LocalGateway {
  readonly origin: string;
  readonly secret: string;
  readonly store: OpenStore;
  /** Sets the clock that decides calls; it runs on from there. */
  setClock(at: number): Promise<void>;
  close(): Promise<void>;
}

/** An embedded database has one connection. */
function defaultsFor(address: DatabaseAddress): GatewayLimits {
  return {
    lanes: 'stream' in address ? 1 : 4,
    queueItemsMax: WRITE_QUEUE.queueItemsMax,
    poolMax: 10,
    ...PATIENT_DATABASE,
  };
}

export async function startLocalGateway(
  address: DatabaseAddress,
  given: Partial<GatewayLimits> = {},
  logger = createLogger({ level: 'silent', readable: false }),
): Promise<LocalGateway> {
  const options = { ...defaultsFor(address), ...given };
  let clockOffsetMs = 0;
  const { gateway, store } = openGateway({
    ...options,
    address,
    clockOffsetMs: () => clockOffsetMs,
    keyTtlMs: 60_000,
    logger,
  });
  const listener = await listen({
    handle: handleOf(gateway),
    host: '127.0.0.1',
    port: 0,
    drainTimeoutMs: 5_000,
  });
  return {
    origin: listener.origin,
    secret: await keyOf(store, 'test'),
    store,
    setClock: async (at) => {
      clockOffsetMs = at - Date.now();
    },
    close: async () => {
      await listener.close();
      await gateway.drain();
      await store.close();
    },
  };
}
