/** Tollgate with nothing but a folder, as `npm start` runs it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { CATALOGUE } from '../support/case.js';
import { type Client, createClient } from '../support/client.js';
import { figuresOf } from '../support/crash.js';
import { EndedError, startTollgate } from '../support/gateway-process.js';
import { createCustomers, startLoad, usedOf } from '../support/load.js';
import { textOf } from '../support/model-numbers.js';
import * as operations from '../support/operations.js';
import { damagesIn } from '../support/project.js';
import { randomOf, seedOf } from '../support/random.js';

const home = mkdtempSync(join(tmpdir(), 'tollgate-folder-'));

afterAll(() => rmSync(home, { recursive: true, force: true }));

const SECRET = /tg_sk_[A-Za-z0-9_-]{43}/;

it('a second process on the folder ends with a clear sentence', { timeout: 120_000 }, async () => {
  const folder = join(home, 'shared');
  const settings = { DATA_DIR: folder };
  const first = await startTollgate(settings);
  const second = await startTollgate(settings).catch((error: unknown) => error);
  expect(second).toBeInstanceOf(EndedError);
  expect(second).toMatchObject({ code: 1 });
  expect(String(second)).toContain(`The folder ${folder} is in use by another Tollgate process.`);
  expect(await first.stop()).toBe(0);
  // And is free again afterwards, with what was in it.
  const third = await startTollgate(settings);
  expect(third.output()).not.toMatch(SECRET);
  expect(await third.stop()).toBe(0);
});

it('five times kill -9 under load loses nothing acknowledged', { timeout: 240_000 }, async () => {
  const settings = { DATA_DIR: join(home, 'killed') };
  const random = randomOf(seedOf('embedded kills'));
  let tollgate = await startTollgate(settings);
  const [secret = ''] = SECRET.exec(tollgate.output()) ?? [];
  let client = createClient(tollgate.origin, secret);
  for (const feature of CATALOGUE) await operations.createFeature(client, feature);
  await createCustomers(client);
  const load = startLoad({ seed: random.whole(0, 1_000_000), client: () => client });
  const start = performance.now();
  for (let kill = 0; kill < 5; kill += 1) {
    await load.more(20);
    await delay(random.whole(50, 1_500));
    await tollgate.kill();
    tollgate = await startTollgate(settings);
    client = createClient(tollgate.origin, secret);
  }
  await load.more(20);
  await load.finish();
  const { acknowledged, unexpected } = load;
  expect(unexpected).toEqual([]);
  const used = usedOf(acknowledged);
  const customerIds = [...new Set(acknowledged.map(({ customerId }) => customerId))];
  for (const customerId of customerIds) {
    const events = await operations.events(client, customerId);
    const keys = acknowledged.filter((use) => use.customerId === customerId).map(({ key }) => key);
    expect(events.map(({ idempotencyKey }) => idempotencyKey).sort()).toEqual(keys.sort());
    await expectUsed(client, customerId, used);
  }
  expect(await tollgate.stop()).toBe(0);
  expect(await damagesIn(settings.DATA_DIR)).toEqual([]);
  const ms = performance.now() - start;
  process.stdout.write(`${figuresOf(load, '5 kills of the embedded default', ms)}\n`);
});

async function expectUsed(
  client: Client,
  customerId: string,
  used: ReadonlyMap<string, bigint>,
): Promise<void> {
  for (const featureId of ['messages', 'action1', 'action3']) {
    const seen = await operations.look(client, customerId, featureId, null);
    const expected = used.get(`${customerId} ${featureId}`) ?? 0n;
    expect(seen?.usage).toBe(Number(textOf(expected)));
  }
}
