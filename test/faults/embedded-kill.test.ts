/**
 * Tollgate with its embedded database is killed under load at random moments:
 *
 *     npx vitest run --project faults test/faults/embedded-kill.test.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { killEmbedded } from '../support/load/crash.js';
import { seedOf } from '../support/random/random.js';

test('killing Tollgate on the embedded database five times loses and duplicates nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-kill-'));
  try {
    const series = { kills: 5, seed: seedOf('embedded kills') };
    process.stdout.write(`${await killEmbedded(folder, series)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
