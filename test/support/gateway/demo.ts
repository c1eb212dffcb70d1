import { seedDemo } from '../../../src/commands/seed-demo.js';
import { createKey } from '../../../src/meter/access/keys.js';
import { SCOPES } from '../../../src/meter/access/scopes.js';
import { createWriteQueue } from '../../../src/meter/write/write-queue.js';
import { monotonicMs } from '../../../src/platform/clock.js';
import type { TestGateway } from './gateway.js';

/** A key of the demo project, as `npm run demo` sets it up, beside the project of the tests. */
export async function createDemoKey({ store }: Pick<TestGateway, 'store'>): Promise<string> {
  const writeQueue = createWriteQueue({
    store,
    lanes: 1,
    poolMax: 10,
    batchItemsMax: 100,
    batchBytesMax: 1_000_000,
    queueItemsMax: 100,
    queueWaitMaxMs: 60_000,
    cachedBalancesMax: 100,
    monotonicMs,
  });
  const project = await seedDemo(store, writeQueue);
  const key = { projectId: project.id, name: 'demo', scopes: SCOPES, lifetimeMs: null };
  const { secret } = await createKey(store.apiKeys, key);
  return secret;
}
