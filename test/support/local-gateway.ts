/** A gateway in this process, on any database, with a clock that a test sets. */
import { OPERATION_BOUNDS } from '../../src/config/operation-bounds.js';
import { createGateway } from '../../src/gateway.js';
import { listen } from '../../src/http/listener.js';
import { createAuthenticator } from '../../src/meter/access/authenticate.js';
import { createWriteQueue } from '../../src/meter/write/write-queue.js';
import { monotonicMs } from '../../src/platform/clock.js';
import { createLogger } from '../../src/platform/logger.js';
import type { DatabaseAddress } from '../../src/store/database.js';
import { openStore } from '../../src/store/store.js';
import { handleOf } from './adapter.js';
import type { GatewayOrder } from './gateway-process.js';
import { keyOf } from './project.js';
import { readQueueOn } from './read-queue.js';

export interface LocalGateway {
  readonly origin: string;
  readonly secret: string;
  /** Sets the clock by which it decides; it runs on from there. */
  setClock(at: number): Promise<void>;
  close(): Promise<void>;
}

export type LocalOptions = Omit<GatewayOrder, 'databaseUrl' | 'clockOffsetMs'>;

/** The defaults of src/config.ts, but for an embedded database, which has one connection. */
function defaultsFor(address: DatabaseAddress): LocalOptions {
  const embedded = 'stream' in address;
  return {
    lanes: embedded ? 1 : 4,
    queueItemsMax: 10_000,
    poolMax: 10,
    acquireTimeoutMs: embedded ? 10_000 : 2_000,
    statementTimeoutMs: 10_000,
  };
}

export async function startLocalGateway(
  address: DatabaseAddress,
  given: Partial<LocalOptions> = {},
  logger = createLogger({ level: 'silent', readable: false }),
): Promise<LocalGateway> {
  const options = { ...defaultsFor(address), ...given };
  let clockOffsetMs = 0;
  const store = openStore({
    address,
    poolMax: options.poolMax,
    readPoolMax: 2,
    acquireTimeoutMs: options.acquireTimeoutMs,
    statementTimeoutMs: options.statementTimeoutMs,
    clockOffsetMs: () => clockOffsetMs,
    onIdleError: () => undefined,
  });
  const gateway = createGateway({
    config: {
      ...OPERATION_BOUNDS,
      graphiql: false,
      corsOrigins: null,
      bodyBytesMax: 2 * 1024 * 1024,
      requestsInFlightMax: 768,
    },
    store,
    writeQueue: createWriteQueue({
      store,
      lanes: options.lanes,
      batchItemsMax: 500,
      batchBytesMax: 4 * 1024 * 1024,
      queueItemsMax: options.queueItemsMax,
      queueWaitMaxMs: 60_000,
      cachedBalancesMax: 100_000,
      monotonicMs,
    }),
    readQueue: readQueueOn(store),
    authenticate: createAuthenticator({
      apiKeys: store.apiKeys,
      ttlMs: 60_000,
      entriesMax: 1_000,
      monotonicMs,
    }),
    isReady: () => store.ping().then(() => true),
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
