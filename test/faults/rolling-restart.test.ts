/** Three gateways are restarted one after the other, under load, behind a load balancer that retries nothing. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { createClient } from '../support/client/client.js';
import { createCustomer, createFeature, grant } from '../support/client/operations.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { type OtherSessions, openOtherSessions } from '../support/database/other-sessions.js';
import { createProject, damagesOf } from '../support/database/project.js';
import { startTollgate, type Tollgate } from '../support/gateway/gateway-process.js';
import { Balancer, startBalancedLoad } from '../support/load/balancer.js';

/** The gateways of the first deployment leave time to a balancer, those of the next do not. */
const CAREFUL = { DRAIN_DELAY_MS: '2000' };
const CARELESS = { DRAIN_DELAY_MS: '0', SHUTDOWN_GRACE_MS: '1000' };

const USE = { customerId: 'acme', featureId: 'messages' } as const;

let database: TestDatabase;
let secret: string;
let sessions: OtherSessions;
let running: Tollgate[] = [];

beforeAll(async () => {
  database = await createDatabase();
  secret = await createProject(database.url);
  sessions = openOtherSessions(database.url);
  running = await Promise.all([start(CAREFUL), start(CAREFUL), start(CAREFUL)]);
  const [{ origin } = { origin: '' }] = running;
  const client = createClient(origin, secret);
  await createFeature(client, { id: USE.featureId, type: 'CONSUMABLE' });
  await createCustomer(client, USE.customerId);
  await grant(client, USE.customerId, oneOff(USE.featureId, 1_000_000));
});
afterAll(async () => {
  for (const gateway of running) await gateway.kill();
  await sessions.close();
  await database.drop();
});

function start(settings: NodeJS.ProcessEnv): Promise<Tollgate> {
  return startTollgate({ DATABASE_URL: database.url, ...settings });
}

async function balancerOn(pollMs: number): Promise<Balancer> {
  const balancer = new Balancer({ pollMs, secret });
  await Promise.all(running.map(({ origin }) => balancer.add(origin)));
  return balancer;
}

async function recordedKeys(): Promise<string[]> {
  const rows = await sessions.rows<{ key: string }>('SELECT idempotency_key AS key FROM events');
  return rows.map(({ key }) => key).sort();
}

it('no call fails, and none is lost or doubled, if they announce their end', async () => {
  const balancer = await balancerOn(100);
  const load = startBalancedLoad(balancer, { callers: 8, prefix: 'careful', use: USE });
  for (const old of [...running]) {
    await load.more(50);
    expect(await old.stop()).toBe(0);
    await balancer.remove(old.origin);
    const next = await start(CARELESS);
    running = [...running.filter((one) => one !== old), next];
    await balancer.add(next.origin);
  }
  await load.more(50);
  await load.end();
  balancer.close();
  expect([...load.failed]).toEqual([]);
  expect(await recordedKeys()).toEqual([...load.done].sort());
  expect(await damagesOf({ connectionString: database.url })).toEqual([]);
});

it('calls fail if they do not, and the balancer polls slowly', async () => {
  const before = await recordedKeys();
  const balancer = await balancerOn(600_000);
  const load = startBalancedLoad(balancer, { callers: 8, prefix: 'careless', use: USE });
  await load.more(50);
  expect(await running[0]?.stop()).toBe(0);
  await load.more(50);
  await load.end();
  balancer.close();
  expect(load.failed.size).toBeGreaterThan(0);
  expect([...load.failed.values()].join()).toContain('ECONNREFUSED');
  const recorded = await recordedKeys();
  expect(recorded).toEqual(expect.arrayContaining([...before, ...load.done]));
  // What was cut off when the time was over may have been carried out, but nothing twice.
  const known = new Set([...before, ...load.done, ...load.failed.keys()]);
  expect(recorded.filter((key) => !known.has(key))).toEqual([]);
  expect(new Set(recorded).size).toBe(recorded.length);
});
