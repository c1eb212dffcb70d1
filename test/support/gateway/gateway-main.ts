/** A gateway in a separate process, whose clock the parent may shift. Run by gateway-process.ts. */
import { sideBySide } from '../../../src/commands/neighbours.js';
import { listen } from '../../../src/http/listener.js';
import { createLogger } from '../../../src/platform/logger.js';
import { setServers } from '../database/servers.js';
import type { FromGateway, GatewayOrder, ToGateway } from './gateway-process.js';
import { openGateway } from './open-gateway.js';

async function start({ databaseUrl, servers, beside, ...order }: GatewayOrder): Promise<void> {
  setServers(databaseUrl, new Map(Object.entries(servers)));
  let { clockOffsetMs } = order;
  const logger = createLogger({ level: 'error', readable: false });
  const neighbours = beside === undefined ? null : sideBySide(beside.id, beside.address, logger);
  const { gateway, store, writeQueue } = openGateway({
    ...order,
    neighbours: neighbours?.map ?? null,
    address: { connectionString: databaseUrl },
    clockOffsetMs: () => clockOffsetMs,
    keyTtlMs: 5_000,
    logger,
  });
  await neighbours?.listen(writeQueue);
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
    if (message.kind === 'NEIGHBOURS' && neighbours !== null) {
      neighbours.map.set(message.neighbours);
      const timer = setInterval(() => {
        const { known, reachable } = neighbours.map.figures();
        if (reachable < known) return;
        clearInterval(timer);
        send({ kind: 'NEIGHBOURS' });
      }, 5);
    }
  });
  process.on('SIGTERM', async () => {
    gateway.sendAway();
    await listener.disconnected();
    await listener.close();
    await neighbours?.leave();
    await gateway.drain();
    await neighbours?.close();
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
