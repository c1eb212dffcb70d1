/**
 * Imports are killed at random moments and started again:
 *
 *     TOLLGATE_RUNS=3 npx vitest run --project faults test/faults/import-kill.test.ts
 */
import { test } from 'vitest';
import { startTestGateway } from '../support/gateway/gateway.js';
import { importFolder, killImports, newImport } from '../support/load/import-run.js';

const KILLS = Math.ceil(4 * Number(process.env['TOLLGATE_RUNS'] ?? 1));

test(`killing an import ${KILLS} times loses and duplicates nothing`, async () => {
  const gateway = await startTestGateway();
  const { folder, remove } = importFolder();
  try {
    await killImports(await newImport(gateway, folder), KILLS);
  } finally {
    await gateway.close();
    remove();
  }
});
