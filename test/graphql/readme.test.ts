import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { seedDemo } from '../../src/commands/seed-demo.js';
import { createKey } from '../../src/meter/access/keys.js';
import { SCOPES } from '../../src/meter/access/scopes.js';
import { createWriteQueue } from '../../src/meter/write/write-queue.js';
import { monotonicMs } from '../../src/platform/clock.js';
import { startTestGateway } from '../support/gateway/gateway.js';

/** The text of the README's only fenced block of a language. */
function block(readme: string, language: string): string {
  const found = [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))];
  expect(found, `README blocks of ${language}`).toHaveLength(1);
  return found[0]?.[1] ?? '';
}

test('the mutation in the README gives the answer in the README', async () => {
  const gateway = await startTestGateway();
  try {
    const writeQueue = createWriteQueue({
      store: gateway.store,
      lanes: 1,
      batchItemsMax: 100,
      batchBytesMax: 1_000_000,
      queueItemsMax: 100,
      queueWaitMaxMs: 60_000,
      cachedBalancesMax: 100,
      monotonicMs,
    });
    const project = await seedDemo(gateway.store, writeQueue);
    const { secret } = await createKey(gateway.store.apiKeys, {
      projectId: project.id,
      name: 'readme',
      scopes: SCOPES,
      lifetimeMs: null,
    });
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const { data, errors } = await gateway.execute(block(readme, 'graphql'), {}, secret);
    expect(errors).toEqual([]);
    expect({ data }).toEqual(JSON.parse(block(readme, 'json')));
  } finally {
    await gateway.close();
  }
});
