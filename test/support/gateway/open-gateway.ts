/** A gateway assembled as in src/commands/serve.ts, except that a test may shift its clock. */
import { createGateway, type Gateway } from '../../../src/gateway.js';
import { createAuthenticator } from '../../../src/meter/access/authenticate.js';
import type { Neighbours } from '../../../src/meter/neighbours/neighbour.js';
import { createWriteQueue, type WriteQueue } from '../../../src/meter/write/write-queue.js';
import { monotonicMs } from '../../../src/platform/clock.js';
import type { Logger } from '../../../src/platform/logger.js';
import type { DatabaseAddress } from '../../../src/store/database.js';
import { placesOf } from '../../../src/store/placed.js';
import { type OpenStore, openStore } from '../../../src/store/store.js';
import { PLACES } from '../database/places.js';
import { addressesOf } from '../database/servers.js';
import { readQueueOn } from '../meter/read-queue.js';
import { GATEWAY_CONFIG, WRITE_QUEUE } from './limits.js';

export interface GatewayLimits {
  readonly lanes: number;
  readonly queueItemsMax: number;
  readonly poolMax: number;
  readonly acquireTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly places?: number;
}

export interface Parts extends GatewayLimits {
  readonly address: DatabaseAddress;
  readonly clockOffsetMs: () => number;
  /** How long an API key is cached. */
  readonly keyTtlMs: number;
  readonly logger: Logger;
  readonly neighbours?: Neighbours | null;
}

export interface OpenGateway {
  readonly gateway: Gateway;
  readonly store: OpenStore;
  readonly writeQueue: WriteQueue;
}

export function openGateway(parts: Parts): OpenGateway {
  const { places = PLACES } = parts;
  const store = openStore({
    address: parts.address,
    poolMax: parts.poolMax,
    readPoolMax: 2,
    acquireTimeoutMs: parts.acquireTimeoutMs,
    statementTimeoutMs: parts.statementTimeoutMs,
    clockOffsetMs: parts.clockOffsetMs,
    onIdleError: () => undefined,
    places: placesOf(places),
    servers: addressesOf(parts.address),
  });
  const writeQueue = createWriteQueue({
    ...WRITE_QUEUE,
    ...store.servers,
    store,
    lanes: parts.lanes,
    places,
    poolMax: parts.poolMax,
    queueItemsMax: parts.queueItemsMax,
    neighbours: parts.neighbours ?? null,
  });
  const gateway = createGateway({
    config: GATEWAY_CONFIG,
    store,
    writeQueue,
    readQueue: readQueueOn(store),
    authenticate: createAuthenticator({
      apiKeys: store.apiKeys,
      ttlMs: parts.keyTtlMs,
      entriesMax: 1_000,
      monotonicMs,
    }),
    isReady: () => store.ping().then(() => true),
    logger: parts.logger,
  });
  return { gateway, store, writeQueue };
}
