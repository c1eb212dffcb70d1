/** Histories of calls about three customers while gateways, or their PostgreSQL, are killed. */
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '../client/client.js';
import * as operations from '../client/operations.js';
import { createProject } from '../database/project.js';
import { startTollgate } from '../gateway/gateway-process.js';
import type { Series } from '../load/crash.js';
import type { TestPostgres } from '../postgres/postgres.js';
import { randomOf } from '../random/random.js';
import type { Granted } from './account.js';
import { FEATURE } from './account-documents.js';
import { sendAll } from './callers.js';
import { FAR_MS, RandomAccountCalls } from './random-account-calls.js';
import { Recorder } from './record.js';

export const GRANTED: Granted = { granted: 60, overageLimit: 10 };

/** The minimum and maximum time under load until the next kill. */
const UNTIL_KILL_MS = [30, 400] as const;

/** Calls in progress per customer. */
const CALLERS = 4;

export interface KilledRun extends Series {
  readonly databaseUrl: string;
  /** The gateways take turns at being killed, unless this is. */
  readonly postgres?: TestPostgres;
}

export async function recordKills(run: KilledRun): Promise<readonly Recorder[]> {
  const { databaseUrl, kills, seed, postgres } = run;
  const secret = await createProject(databaseUrl);
  const random = randomOf(seed);
  const start = () => startTollgate({ DATABASE_URL: databaseUrl });
  const gateways = [await start(), await start()];
  const clientOf = (which: number) => createClient(gateways[which]?.origin ?? '', secret);
  const clients = gateways.map((_, which) => clientOf(which));
  const pick = () => clients[random.whole(0, 1)] ?? clientOf(0);
  const recorders = ['ada', 'ben', 'cleo'].map((name) => new Recorder(name));
  let isOver = false;
  try {
    await prepare(pick(), recorders);
    const loads = recorders.map((recorder) => {
      const calls = new RandomAccountCalls(random, { expiresAt: Date.now() + FAR_MS });
      const next = () => (isOver ? null : calls.next());
      return sendAll(recorder, { callers: CALLERS, next, client: pick }).finally(() => {
        isOver = true;
      });
    });
    const sent = Promise.all(loads);
    // Awaited in the end, or given up because something else has failed.
    sent.catch(() => undefined);
    for (let kill = 0; kill < kills; kill += 1) {
      await someMore(recorders, () => isOver);
      await delay(random.whole(...UNTIL_KILL_MS));
      const which = kill % 2;
      if (postgres === undefined) {
        await gateways[which]?.kill();
        gateways[which] = await start();
        clients[which] = clientOf(which);
      } else {
        await postgres.kill();
        await postgres.start();
      }
    }
    await someMore(recorders, () => isOver);
    isOver = true;
    await sent;
  } finally {
    isOver = true;
    for (const gateway of gateways) await gateway.kill();
  }
  return recorders;
}

/** Calls that are answered between two kills, at least. */
const BETWEEN_KILLS = 40;

const POLL_MS = 5;

async function someMore(recorders: readonly Recorder[], isOver: () => boolean): Promise<void> {
  const count = () => recorders.reduce((sum, { operations: { length } }) => sum + length, 0);
  const enough = count() + BETWEEN_KILLS;
  // Callers give up after a bounded number of attempts.
  while (count() < enough && !isOver()) await delay(POLL_MS);
}

async function prepare(
  client: ReturnType<typeof createClient>,
  recorders: readonly Recorder[],
): Promise<void> {
  await operations.createFeature(client, { id: FEATURE, type: 'CONSUMABLE' });
  for (const { customerId } of recorders) {
    await operations.createCustomer(client, customerId);
    const { granted, overageLimit } = GRANTED;
    const limits = { granted, overageAllowed: true, overageLimit };
    await operations.grant(client, customerId, { name: 'grant', featureId: FEATURE, ...limits });
  }
}

/** How often there was no answer, by code. */
export function failuresOf(recorders: readonly Recorder[]): ReadonlyMap<string, number> {
  const failures = new Map<string, number>();
  for (const recorder of recorders) {
    for (const [code, count] of recorder.failures)
      failures.set(code, (failures.get(code) ?? 0) + count);
  }
  return failures;
}
