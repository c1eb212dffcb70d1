/** Tollgate with nothing but a data folder, as `npm start` runs it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { EndedError, startTollgate } from '../support/gateway/gateway-process.js';
import { killEmbedded } from '../support/load/crash.js';
import { signal } from '../support/postgres/postgres-process.js';
import { seedOf } from '../support/random/random.js';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-folder-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('kill -9 under load loses nothing acknowledged', { timeout: 300_000 }, async () => {
  const seed = seedOf('embedded kills');
  process.stdout.write(`${await killEmbedded(folder, { kills: 1, seed })}\n`);
});

it('a second process on the folder ends with a clear message, and the first as on a server', {
  timeout: 300_000,
}, async () => {
  const first = await startTollgate({
    DATA_DIR: folder,
    DRAIN_DELAY_MS: '600000',
    LOG_LEVEL: 'info',
  });
  const second = await startTollgate({ DATA_DIR: folder }).catch((error: unknown) => error);
  expect(second).toBeInstanceOf(EndedError);
  expect(second).toMatchObject({ code: 1 });
  expect(String(second)).toContain(`The folder ${folder} is in use by another Tollgate process.`);
  signal(first.pid, 'SIGTERM');
  const ready = async () => (await fetch(`${first.origin}/ready`)).status;
  await expect.poll(ready).toBe(503);
  const timer = setInterval(() => signal(first.pid, 'SIGTERM'), 200);
  await first.said(/"Closing\."/);
  clearInterval(timer);
  expect(await first.ended).toBe(0);
});
