/** A gateway in this process, on any database, with a clock that a test sets. */
import { createGateway } from '../../../src/gateway.js';
import { listen } from '../../../src/http/listener.js';
import { createAuthenticator } from '../../../src/meter/access/authenticate.js';
import { createWriteQueue } from '../../../src/meter/write/write-queue.js';
import { monotonicMs } from '../../../src/platform/clock.js';
import { createLogger } from '../../../src/platform/logger.js';
import type { DatabaseAddress } from '../../../src/store/database.js';
import { openStore } from '../../../src/store/store.js';
import { keyOf } from '../database/project.js';
import { readQueueOn } from '../meter/read-queue.js';
import { handleOf } from './adapter.js';
import type { GatewayOrder } from './gateway-process.js';
import { GATEWAY_CONFIG, PATIENT_DATABASE, WRITE_QUEUE } from './limits.js';

export interface LocalGateway {
  readonly origin: string;
  readonly secret: string;
  /** Sets the clock that decides calls; it runs on from there. */
  setClock(at: number): Promise<void>;
  close(): Promise<void>;
}

export type LocalOptions = Omit<GatewayOrder, 'databaseUrl' | 'clockOffsetMs'>;

/** An embedded database has one connection. */
function defaultsFor(address: DatabaseAddress): LocalOptions {
  return {
    lanes: 'stream' in address ? 1 : 4,
    queueItemsMax: WRITE_QUEUE.queueItemsMax,
    poolMax: 10,
    ...PATIENT_DATABASE,
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
    config: GATEWAY_CONFIG,
    store,
    writeQueue: createWriteQueue({
      ...WRITE_QUEUE,
      store,
      lanes: options.lanes,
      queueItemsMax: options.queueItemsMax,
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
