/** Kills of PostgreSQL and of the embedded database under load. Those of gateways: linearizability/killed-run.ts. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { openEmbeddedDatabase } from '../../../src/store/embedded/embedded-database.js';
import { type Client, createClient } from '../client/client.js';
import { createProject } from '../database/project.js';
import { startTollgate, type Tollgate } from '../gateway/gateway-process.js';
import type { TestPostgres } from '../postgres/postgres.js';
import { randomOf } from '../random/random.js';
import { expectExact, expectNothingLost } from './exact.js';
import { type Load, prepareLoad, startLoad } from './load.js';

export interface Series {
  readonly kills: number;
  readonly seed: number;
}

/** The minimum and maximum time under load until the next kill. */
const UNTIL_KILL_MS = [50, 1_500] as const;

/** It takes about a second; the margin is for a busy machine. */
const RECOVERY_MS_MAX = 60_000;

/** Kills PostgreSQL and starts it again this many times, while Tollgate keeps running. Returns figures to be printed. */
export async function killPostgres(
  postgres: TestPostgres,
  databaseUrl: string,
  { kills, seed }: Series,
): Promise<string> {
  const address = { connectionString: databaseUrl };
  const secret = await createProject(databaseUrl);
  const random = randomOf(seed);
  const tollgate = await startTollgate({ DATABASE_URL: databaseUrl });
  const client = await prepare(tollgate, secret);
  const load = startLoad({ seed, client: () => client, reserves: true });
  const recoveriesMs: number[] = [];
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      await load.more(1);
      await delay(random.whole(...UNTIL_KILL_MS));
      await postgres.kill();
      const acknowledged = [...load.acknowledged];
      await delay(random.whole(0, 500));
      await postgres.start();
      const ready = performance.now();
      await load.more(1);
      recoveriesMs.push(performance.now() - ready);
      await expectNothingLost(address, acknowledged);
    }
    await load.more(100);
    await load.finish();
    expect((await fetch(`${tollgate.origin}/ready`)).status).toBe(200);
    expect(await tollgate.stop()).toBe(0);
  } finally {
    load.abandon();
    await tollgate.kill();
  }
  await expectExact(address, load);
  const slowestMs = Math.round(Math.max(...recoveriesMs));
  expect(slowestMs).toBeLessThan(RECOVERY_MS_MAX);
  const figures = figuresOf(load, `${kills} kills of PostgreSQL`);
  return `${figures}; first answer at most ${slowestMs} ms after it is back`;
}

const SECRET = /tg_sk_[A-Za-z0-9_-]{43}/;

/** Kills Tollgate with its embedded database this many times. */
export async function killEmbedded(folder: string, { kills, seed }: Series): Promise<string> {
  const settings = { DATA_DIR: folder };
  const random = randomOf(seed);
  let tollgate = await startTollgate(settings);
  const secret = await tollgate.said(SECRET);
  let client = await prepare(tollgate, secret);
  const load = startLoad({ seed, client: () => client, reserves: true });
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      await load.more(20);
      await delay(random.whole(...UNTIL_KILL_MS));
      await tollgate.kill();
      tollgate = await startTollgate(settings);
      client = createClient(tollgate.origin, secret);
    }
    await load.more(20);
    await load.finish();
    expect(tollgate.output()).not.toMatch(SECRET);
    expect(await tollgate.stop()).toBe(0);
  } finally {
    load.abandon();
    await tollgate.kill();
  }
  const database = await openEmbeddedDatabase({ folder });
  await expectExact({ stream: database.stream }, load).finally(database.close);
  return figuresOf(load, `${kills} kills with the embedded database`);
}

async function prepare(tollgate: Tollgate, secret: string): Promise<Client> {
  const client = createClient(tollgate.origin, secret);
  await prepareLoad(client);
  return client;
}

function figuresOf(load: Load, what: string): string {
  const failures = [...load.failures].map(([code, count]) => `${code} ${count}`).join(', ');
  return (
    `${what}: ${load.acknowledged.length} events acknowledged, 0 lost, 0 duplicated; ${load.holds.length} reservations, ` +
    'each ended once or live; ' +
    `calls without an answer, all retried: ${failures || 'none'}; ` +
    `${load.replays()} of them had been executed`
  );
}
