/**
 * The process that moves a place is killed, at each step and between them, and the move goes on, or back, while the place is written to:
 *
 *     TOLLGATE_RUNS=5 npx vitest run --project faults test/faults/place-move-kill.test.ts
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOME } from '../../src/domain/place.js';
import { addServer } from '../../src/store/servers/add-server.js';
import { moveBack } from '../../src/store/servers/move-back.js';
import { movePlace } from '../../src/store/servers/move-place.js';
import { readPlaceMap } from '../../src/store/servers/place-map.js';
import { compiledFile } from '../support/compiled/compiled-file.js';
import { openPool, withClient } from '../support/database/connections.js';
import { type Random, randomOf, seedOf } from '../support/random/random.js';
import { PLACES, startTwoServers, type TwoServers } from '../support/servers/two-servers.js';

/** Besides one at each step: on request only, since each is two moves. */
const KILLS = Math.ceil(2 * Number(process.env['TOLLGATE_RUNS'] ?? 0));

let servers: TwoServers;
let writer: Writer;
/** What the number was before the present writer. */
let before: number;

beforeAll(async () => {
  servers = await startTwoServers();
  await addServer(servers.installation, 'other');
  before = await written();
  writer = await startWriter();
});

afterAll(async () => {
  await writer?.end();
  await servers.close();
});

interface Writer {
  /** What was acknowledged: how often it was added up. */
  readonly acknowledged: () => number;
  /** Once it has written where the place is now. */
  hasWritten(): Promise<void>;
  end(): Promise<void>;
}

const ADD = `UPDATE place_1.balances SET priority = priority + 1 WHERE feature_id = 'messages' RETURNING priority`;

/** Adds one to a number of the place, wherever that accepts it, as a gateway with an old map does. */
async function startWriter(): Promise<Writer> {
  const pools = [servers.urls.home, servers.urls.other].map((connectionString) =>
    openPool(connectionString, 1),
  );
  let isEnding = false;
  let acknowledged = 0;
  const run = async () => {
    while (!isEnding) {
      for (const pool of pools) {
        const done = await pool.query(ADD).catch((error: pg.DatabaseError) => {
          // Closed, or not there.
          if (!['53TG1', '3F000', '42P01'].includes(error.code ?? '')) throw error;
          return null;
        });
        if (done !== null) acknowledged += done.rowCount ?? 0;
      }
    }
  };
  const running = run();
  return {
    acknowledged: () => acknowledged,
    hasWritten: async () => {
      const before = acknowledged;
      await expect.poll(() => acknowledged, { timeout: 20_000 }).toBeGreaterThan(before);
    },
    end: async () => {
      if (isEnding) return;
      isEnding = true;
      await running;
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}

/** Starts a move in a process of its own, and kills it at a step, or at a random moment after it. */
async function killedAt(to: string, step: string, random: Random | null): Promise<string> {
  const { home, other } = servers.urls;
  const child = fork(
    compiledFile('test/support/servers/move-process.ts'),
    [home, other, to, String(PLACES)],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  let last = '';
  const ended = once(child, 'exit');
  child.on('message', (told: string) => {
    last = told;
    if (told !== step) return;
    if (random === null) child.kill('SIGKILL');
    else setTimeout(() => child.kill('SIGKILL'), random.whole(0, 600));
  });
  await ended;
  return last;
}

const where = async () => {
  const at = (await withClient(servers.urls.home, readPlaceMap)).get(1);
  return { server: at?.server ?? HOME, move: at?.move ?? null };
};

async function written(): Promise<number> {
  const { server } = await where();
  const url = server === HOME ? servers.urls.home : servers.urls.other;
  const text = "SELECT priority AS sum FROM place_1.balances WHERE feature_id = 'messages'";
  return withClient(url, async (client) => Number((await client.query(text)).rows[0]?.sum));
}

/** Wherever it was killed: the move goes on, or is undone if it can be, and the place is written to again. */
async function goesOn(to: string, isBack: boolean): Promise<void> {
  const { installation } = servers;
  const { move } = await where();
  if (isBack && move !== null && move.step !== 'OPEN') await moveBack(installation, 1);
  else await movePlace({ ...installation, number: 1, to });
  const { server, move: left } = await where();
  expect(left).toBeNull();
  await writer.hasWritten();
  // Nothing acknowledged is lost, and nothing else has been added.
  await writer.end();
  expect({ server, sum: await written() }).toEqual({ server, sum: before + writer.acknowledged() });
  before += writer.acknowledged();
  writer = await startWriter();
}

const STEPS = ['PREPARE', 'COPY', 'CLOSE', 'SWITCH', 'OPEN'];

test.each(STEPS)(
  'a move that is killed at %s goes on, or back, and loses nothing',
  async (step) => {
    const random = randomOf(seedOf(`place move ${step}`));
    const to = (await where()).server === HOME ? 'other' : HOME;
    await killedAt(to, step, null);
    await goesOn(to, random.once(2));
  },
);

test.skipIf(KILLS === 0)(
  `a move that is killed at ${KILLS} random moments goes on, or back, and loses nothing`,
  async () => {
    const random = randomOf(seedOf('place move kills'));
    for (let kill = 0; kill < KILLS; kill += 1) {
      const to = (await where()).server === HOME ? 'other' : HOME;
      await killedAt(to, STEPS[random.whole(0, STEPS.length - 1)] ?? '', random);
      await goesOn(to, random.once(2));
    }
  },
);

test('without a fence, writes are lost', async () => {
  const to = (await where()).server === HOME ? 'other' : HOME;
  const open = { ...servers.installation, number: 1, to, isFenced: false };
  // What is written once nothing is copied any more.
  const onStep = async (step: unknown) => {
    if (step === 'OPEN') await writer.hasWritten();
  };
  await movePlace({ ...open, onStep });
  await writer.end();
  expect(await written()).toBeLessThan(before + writer.acknowledged());
});
