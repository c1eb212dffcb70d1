/** A process that is told to end while clients are calling it, as a deployment does: no call fails, and none is lost. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { createClient } from '../support/client/client.js';
import { createCustomer, createFeature, grant } from '../support/client/operations.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { type OtherSessions, openOtherSessions } from '../support/database/other-sessions.js';
import { createProject } from '../support/database/project.js';
import { startTollgate, type Tollgate } from '../support/gateway/gateway-process.js';
import { allGone, startWorkers } from '../support/gateway/workers.js';
import { type Kind, leavingCrowd } from '../support/load/leaving.js';
import { signal } from '../support/postgres/postgres-process.js';

const TRACK = JSON.stringify({
  query:
    'mutation { trackBalance(input: { customerId: "acme", featureId: "messages" }) { __typename } }',
});

/** Of each kind. */
const CONNECTIONS = 64;

/** What only a second signal ends. */
const LONG_MS = '600000';

let database: TestDatabase;
let secret: string;
let otherSessions: OtherSessions;

beforeEach(async () => {
  database = await createDatabase();
  secret = await createProject(database.url);
  otherSessions = openOtherSessions(database.url);
});
afterEach(async () => {
  await otherSessions.close();
  await database.drop();
});

const events = () => otherSessions.count('SELECT count(*)::int FROM events');

async function prepare({ origin }: Tollgate): Promise<void> {
  const client = createClient(origin, secret);
  await createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  await createCustomer(client, 'acme');
  await grant(client, 'acme', oneOff('messages', 1_000_000));
}

/** Stops a process while clients of these kinds are calling it. */
async function endUnder(
  kinds: readonly Kind[],
  settings: NodeJS.ProcessEnv,
  { comesBack = false } = {},
) {
  const tollgate = await startTollgate({ DATABASE_URL: database.url, ...settings });
  await prepare(tollgate);
  const { origin } = tollgate;
  let calls = 0;
  let signalledAt = Number.NaN;
  let firstCloseAt = Number.NaN;
  let ended: Promise<number | null> | undefined;
  const onAnswer = (closes: boolean) => {
    calls += 1;
    if (calls === 3 * CONNECTIONS * kinds.length) {
      signalledAt = performance.now();
      ended = tollgate.stop();
    }
    if (closes && Number.isNaN(firstCloseAt)) firstCloseAt = performance.now();
  };
  const target = { origin, secret, body: TRACK, expected: 'TrackBalancePayload' };
  const options = { size: CONNECTIONS, target, onAnswer };
  const crowds = await Promise.all(
    kinds.map((kind) => leavingCrowd(kind, { ...options, comesBack })),
  );
  const code = await ended;
  const done = crowds.reduce((sum, crowd) => sum + crowd.done, 0);
  expect(code).toBe(0);
  return { crowds, done, announcedMs: firstCloseAt - signalledAt };
}

describe(`when the process is stopped under load, ${CONNECTIONS} clients of each kind`, () => {
  it('that leave after `Connection: close` see no reset and lose no call, and are not sent away before the delay is over', async () => {
    const kinds = ['AGENT', 'FETCH', 'PIPELINING'] as const;
    const { crowds, done, announcedMs } = await endUnder(kinds, { DRAIN_DELAY_MS: '500' });
    for (const { closed, failures } of crowds)
      expect([closed, failures]).toEqual([CONNECTIONS, []]);
    expect(await events()).toBe(done);
    expect(announcedMs).toBeGreaterThanOrEqual(499);
  });

  // When the port closes, the system resets connections not yet accepted; no call on these was read.
  it('that come back until the port is closed lose no call', async () => {
    const { crowds, done } = await endUnder(
      ['AGENT'],
      { SHUTDOWN_GRACE_MS: '3000' },
      { comesBack: true },
    );
    const [{ closed, failures } = { closed: 0, failures: [] }] = crowds;
    expect(closed).toBeGreaterThan(CONNECTIONS);
    expect(await events()).toBe(done);
    expect(['ECONNREFUSED', 'ECONNRESET']).toEqual(expect.arrayContaining([...new Set(failures)]));
  });
});

/** Whether it is ready, whatever connection is kept or not. */
async function ready({ origin }: Tollgate): Promise<boolean> {
  const { status } = await fetch(`${origin}/ready`, { headers: { connection: 'close' } });
  return status === 200;
}

async function track({ origin }: Tollgate) {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const answer = await fetch(`${origin}/graphql`, { method: 'POST', headers, body: TRACK });
  expect(await answer.text()).toContain('TrackBalancePayload');
  return answer.headers.get('connection');
}

/** Again and again, because signals within a second of each other count as one. */
async function hurry({ pid, ended, said }: Tollgate): Promise<number | null> {
  const timer = setInterval(() => signal(pid, 'SIGTERM'), 200);
  await said(/"Closing\."/);
  clearInterval(timer);
  return ended;
}

describe('between SIGTERM and the end of the delay,', () => {
  it('a process is not ready and answers as before, until a second signal', async () => {
    const tollgate = await startTollgate({
      DATABASE_URL: database.url,
      DRAIN_DELAY_MS: LONG_MS,
      LOG_LEVEL: 'info',
    });
    await prepare(tollgate);
    expect(await ready(tollgate)).toBe(true);
    signal(tollgate.pid, 'SIGTERM');
    await expect.poll(() => ready(tollgate)).toBe(false);
    expect(await track(tollgate)).toBe('keep-alive');
    expect(await hurry(tollgate)).toBe(0);
  });

  it('workers are not ready and answer as before, whatever happens to one of them', async () => {
    const tollgate = await startWorkers({ DATABASE_URL: database.url, DRAIN_DELAY_MS: LONG_MS });
    await prepare(tollgate);
    // As systemd does it: to all of them.
    for (const pid of [tollgate.pid, ...tollgate.served()]) signal(pid, 'SIGTERM');
    const readyTimes = async () =>
      (await Promise.all([1, 2, 3, 4].map(() => ready(tollgate)))).filter(Boolean).length;
    await expect.poll(readyTimes).toBe(0);
    signal(tollgate.served()[0], 'SIGKILL');
    await tollgate.servedBy(3);
    for (let time = 0; time < 10; time += 1) expect(await readyTimes()).toBe(0);
    expect(await track(tollgate)).toBe('keep-alive');
    expect(await hurry(tollgate)).toBe(0);
    await allGone(tollgate.started());
    expect(tollgate.served()).toHaveLength(3);
  });
});
