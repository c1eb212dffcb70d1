/**
 * An acknowledged write survives a power cut. The cut is real for the file system: an ext4 is
 * shut down during writes and mounted again. Run as root, with xfsprogs and e2fsprogs:
 *
 *     npx vitest run --project faults test/faults/power-cut.test.ts
 */
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEmbeddedDatabase } from '../../src/store/embedded/embedded-database.js';
import { spawnWriter, type Writer } from '../support/database/spawn-writer.js';
import { createLoopDisk, type LoopDisk } from '../support/postgres/loop-disk.js';

const home = mkdtempSync(join(tmpdir(), 'tollgate-power-cut-'));

beforeAll(async () => {
  await (await openEmbeddedDatabase({ folder: home })).close();
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

test('six power cuts during writes lose nothing acknowledged', async () => {
  const rounds: Round[] = [];
  for (let round = 0; round < 6; round += 1) rounds.push(await cutWhileWriting('durable'));
  print('durable', rounds);
  expect(rounds.map(({ lost }) => lost)).toEqual(rounds.map(() => 0));
});

test('the same power cuts lose writes of PGlite as shipped, which shows that the test works', async () => {
  const rounds: Round[] = [];
  for (let round = 0; round < 3; round += 1) rounds.push(await cutWhileWriting('as-shipped'));
  print('as shipped', rounds);
  expect(Math.max(...rounds.map(({ lost }) => lost))).toBeGreaterThan(0);
});

test('a power cut during the first start leaves a folder that can be started', async () => {
  for (let round = 0; round < 3; round += 1) {
    await withDisk(async (disk) => {
      const folder = join(disk.folder, 'data');
      const interrupted = spawnWriter({ folder });
      await cutDuring(disk, interrupted, () => setTimeout(randomInt(300, 6_000)));
      const next = spawnWriter({ folder });
      const found = await next.found;
      await next.kill();
      expect(found).toEqual(expect.arrayContaining([...interrupted.acknowledged]));
    });
  }
});

interface Round {
  acknowledged: number;
  lost: number;
}

async function cutWhileWriting(kind: 'durable' | 'as-shipped'): Promise<Round> {
  return withDisk(async (disk) => {
    const folder = join(disk.folder, 'data');
    cpSync(home, folder, { recursive: true });
    execFileSync('sync', ['--file-system', disk.folder]);
    const writer = spawnWriter({ folder, kind });
    await cutDuring(disk, writer, () => writer.reached(randomInt(200, 3_000)));
    const reader = spawnWriter({ folder, kind });
    // As shipped, the table or the whole database may be unreadable.
    const found = kind === 'durable' ? await reader.found : await reader.found.catch(() => []);
    await reader.kill();
    const written = new Set(found);
    const lost = writer.acknowledged.filter((number) => !written.has(number));
    return { acknowledged: writer.acknowledged.length, lost: lost.length };
  });
}

/** Cuts the power once `moment` has resolved, and makes the disk available again. */
async function cutDuring(
  disk: LoopDisk,
  writer: Writer,
  moment: () => Promise<unknown>,
): Promise<void> {
  try {
    await moment();
    disk.cut();
  } finally {
    await writer.kill();
  }
  disk.remount();
}

async function withDisk<Result>(use: (disk: LoopDisk) => Promise<Result>): Promise<Result> {
  const disk = createLoopDisk({ megabytes: 512 });
  try {
    return await use(disk);
  } finally {
    disk.remove();
  }
}

function print(kind: string, rounds: Round[]): void {
  const figures = rounds.map(({ lost, acknowledged }) => `${lost}/${acknowledged}`).join(' ');
  process.stdout.write(`power cuts, ${kind}, lost of acknowledged: ${figures}\n`);
}
