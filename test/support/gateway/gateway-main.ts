/**
 * A gateway in a separate process, assembled as in src/commands/serve.ts, except that the parent may shift
 * the store's clock. Run by gateway-process.ts.
 */
import { createGateway } from '../../../src/gateway.js';
import { listen } from '../../../src/http/listener.js';
import { createAuthenticator } from '../../../src/meter/access/authenticate.js';
import { createWriteQueue } from '../../../src/meter/write/write-queue.js';
import { monotonicMs } from '../../../src/platform/clock.js';
import { createLogger } from '../../../src/platform/logger.js';
import { openStore } from '../../../src/store/store.js';
import { readQueueOn } from '../meter/read-queue.js';
import type { FromGateway, GatewayOrder, ToGateway } from './gateway-process.js';
import { GATEWAY_CONFIG, WRITE_QUEUE } from './limits.js';

async function start(order: GatewayOrder): Promise<void> {
  let { clockOffsetMs } = order;
  const store = openStore({
    address: { connectionString: order.databaseUrl },
    poolMax: order.poolMax,
    readPoolMax: 2,
    acquireTimeoutMs: order.acquireTimeoutMs,
    statementTimeoutMs: order.statementTimeoutMs,
    clockOffsetMs: () => clockOffsetMs,
    onIdleError: () => undefined,
  });
  const gateway = createGateway({
    config: GATEWAY_CONFIG,
    store,
    writeQueue: createWriteQueue({
      ...WRITE_QUEUE,
      store,
      lanes: order.lanes,
      queueItemsMax: order.queueItemsMax,
    }),
    readQueue: readQueueOn(store),
    authenticate: createAuthenticator({
      apiKeys: store.apiKeys,
      ttlMs: 5_000,
      entriesMax: 1_000,
      monotonicMs,
    }),
    isReady: () => store.ping().then(() => true),
    logger: createLogger({ level: 'error', readable: false }),
  });
  const listener = await listen({
    handle: gateway.handle,
    host: '127.0.0.1',
    port: 0,
    announceMs: 5_000,
    drainTimeoutMs: 5_000,
  });
  process.on('message', (message: ToGateway) => {
    if (message.kind === 'CLOCK') {
      clockOffsetMs = message.offsetMs;
      send({ kind: 'CLOCK', offsetMs: clockOffsetMs });
    }
  });
  process.on('SIGTERM', async () => {
    gateway.announceEnd();
    await listener.disconnected();
    await listener.close();
    await gateway.drain();
    await store.close();
    process.disconnect();
  });
  send({ kind: 'LISTENING', origin: listener.origin });
}

function send(message: FromGateway): void {
  process.send?.(message);
}

// A test run that is killed must not leave gateways behind.
process.on('disconnect', () => process.exit());
process.once('message', (order: GatewayOrder) => void start(order));
