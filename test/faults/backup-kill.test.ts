/**
 * A backup of a running gateway, or the gateway under it, is killed at random points:
 *
 *     TOLLGATE_RUNS=3 npx vitest run --project faults test/faults/backup-kill.test.ts
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEmbeddedDatabase } from '../../src/store/embedded/embedded-database.js';
import { createClient } from '../support/client/client.js';
import { restore } from '../support/database/embedded-backup.js';
import { type Ended, runCommand, startCommand } from '../support/gateway/command.js';
import { startTollgate } from '../support/gateway/gateway-process.js';
import { expectNothingLost } from '../support/load/exact.js';
import { prepareLoad, startLoad } from '../support/load/load.js';
import { randomOf, seedOf } from '../support/random/random.js';

/** On request only: an embedded database takes seconds to start. */
const KILLS = Math.ceil(2 * Number(process.env['TOLLGATE_RUNS'] ?? 0));

const SECRET = /tg_sk_[A-Za-z0-9_-]{43}/;

test.skipIf(KILLS === 0)(
  `${KILLS} kills of a backup and of the gateway under it leave no file that is taken for a backup, and the next one is complete`,
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'tollgate-backup-kill-'));
    const settings = { DATA_DIR: join(home, 'data') };
    const path = join(home, 'backups', 'usage.tar.gz');
    const unfinished = `${path}.unfinished`;
    mkdirSync(join(home, 'backups'));
    const files = () => readdirSync(join(home, 'backups')).sort();
    const backUp = () => startCommand('commands/backup.ts', [path, '--overwrite'], settings);
    const random = randomOf(seedOf('backup kills'));

    let tollgate = await startTollgate(settings);
    const secret = await tollgate.said(SECRET);
    const client = createClient(tollgate.origin, secret);
    await prepareLoad(client);
    const load = startLoad({ seed: seedOf('backups'), client: () => client, callers: 4 });
    try {
      await load.more(40);
      await load.finish();
      expect(load.unexpected).toEqual([]);
      expect(await backUp().ended).toMatchObject({ code: 0 });
      const { size } = statSync(path);
      const ends: string[] = [];
      for (let kill = 0; kill < KILLS; kill += 1) {
        const former = readFileSync(path);
        const running = backUp();
        let ended: Ended | null = null;
        void running.ended.then((end) => {
          ended = end;
        });
        const bytes = random.whole(0, size);
        const isThere = () => statSync(unfinished, { throwIfNoEntry: false })?.size ?? -1;
        await expect.poll(() => isThere() >= bytes || ended !== null, { interval: 1 }).toBe(true);
        if (kill % 2 === 0) {
          running.signal('SIGKILL');
          await running.ended;
          // What there was is as it was, unless the backup had been complete.
          const left = existsSync(unfinished) ? 'cut off' : 'complete';
          ends.push(left);
          if (left === 'cut off') {
            expect(files()).toEqual(['usage.tar.gz', 'usage.tar.gz.unfinished']);
            expect(readFileSync(path).equals(former)).toBe(true);
            const into = { DATA_DIR: join(home, `tried-${kill}`) };
            const tried = await runCommand('commands/restore.ts', [unfinished], into);
            // One that was killed while it was verified has all of it.
            if (tried.code !== 0) expect(tried.stderr).toContain('is damaged or not complete');
          }
        } else {
          await tollgate.kill();
          const { code, stderr } = await running.ended;
          ends.push(code === 0 ? 'complete' : 'refused');
          if (code !== 0) {
            expect(stderr).toContain(
              'could not be backed up: the process that has it open stopped',
            );
            expect(readFileSync(path).equals(former)).toBe(true);
          }
          expect(files()).toEqual(['usage.tar.gz']);
          tollgate = await startTollgate(settings);
        }
      }
      process.stdout.write(`killed backups were ${ends.join(', ')}\n`);

      expect(await backUp().ended).toMatchObject({ code: 0 });
      expect(files()).toEqual(['usage.tar.gz']);
      const folder = join(home, 'restored');
      await restore(path, folder);
      const database = await openEmbeddedDatabase({ folder });
      await expectNothingLost({ stream: database.stream }, load.acknowledged).finally(
        database.close,
      );
    } finally {
      load.abandon();
      await tollgate.kill();
      rmSync(home, { recursive: true, force: true });
    }
  },
);
