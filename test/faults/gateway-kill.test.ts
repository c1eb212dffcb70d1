/**
 * Tollgate is killed under load at random moments:
 *
 *     npx vitest run --project faults test/faults/gateway-kill.test.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { createDatabaseOn } from '../support/database/databases.js';
import { killEmbedded, killGateways } from '../support/load/crash.js';
import { startPostgres } from '../support/postgres/postgres.js';
import { seedOf } from '../support/random/random.js';

test('killing the gateway twenty times loses and duplicates nothing', async () => {
  const postgres = await startPostgres({ own: true, durable: true });
  try {
    const { url } = await createDatabaseOn(postgres.url);
    const series = { kills: 20, seed: seedOf('gateway kills') };
    process.stdout.write(`${await killGateways(url, series)}\n`);
  } finally {
    await postgres.stop();
  }
});

test('killing Tollgate on the embedded database ten times loses and duplicates nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-kill-'));
  try {
    const series = { kills: 10, seed: seedOf('embedded kills') };
    process.stdout.write(`${await killEmbedded(folder, series)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
