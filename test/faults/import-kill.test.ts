/**
 * Imports are killed at random moments and started again:
 *
 *     npx vitest run --project faults test/faults/import-kill.test.ts
 */
import { test } from 'vitest';
import { startTestGateway } from '../support/gateway/gateway.js';
import { importFolder, killImports, newImport } from '../support/load/import-run.js';

test('killing an import ten times loses and duplicates nothing', async () => {
  const gateway = await startTestGateway();
  const { folder, remove } = importFolder();
  try {
    await killImports(await newImport(gateway, folder), 10);
  } finally {
    await gateway.close();
    remove();
  }
});
