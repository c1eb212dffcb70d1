/**
 * A move to PostgreSQL is killed, and interrupted by Ctrl-C, and run again:
 *
 *     TOLLGATE_RUNS=5 npx vitest run --project faults test/faults/move-kill.test.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openEmbeddedDatabase } from '../../src/store/embedded/embedded-database.js';
import { readMark, removeMark } from '../../src/store/embedded/moved-mark.js';
import { LOCK_KEY } from '../../src/store/migration-lock.js';
import { createClient } from '../support/client/client.js';
import { track } from '../support/client/operations.js';
import { withClient } from '../support/database/connections.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';
import { startOn } from '../support/database/embedded-backup.js';
import { createTables, during } from '../support/database/moves.js';
import { type OtherSessions, openOtherSessions } from '../support/database/other-sessions.js';
import { rowsIn } from '../support/database/rows-in.js';
import { type Running, startCommand } from '../support/gateway/command.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';
import { refusalsOf } from '../support/gateway/starts.js';
import { expectExact } from '../support/load/exact.js';
import { type Load, prepareLoad, startLoad } from '../support/load/load.js';
import { startProxy } from '../support/postgres/tcp-proxy.js';
import { randomOf, seedOf } from '../support/random/random.js';

/** On request only: an embedded database takes seconds to start, and each kill is a start. */
const KILLS = Math.ceil(2 * Number(process.env['TOLLGATE_RUNS'] ?? 0));

/** The last statements that a move sends compare the rows; the commit and the audit follow. */
const LATE_BYTES = 12_000;

const folder = mkdtempSync(join(tmpdir(), 'tollgate-move-kill-'));
const cleanUps: (() => Promise<unknown>)[] = [];
let secret: string;
let load: Load;

beforeAll(async () => {
  const { gateway, close } = await startOn(folder);
  ({ secret } = gateway);
  const client = createClient(gateway.origin, secret);
  await prepareLoad(client);
  load = startLoad({ seed: seedOf('moves'), client: () => client, reserves: true });
  await load.more(150);
  await load.finish();
  await close();
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  removeMark(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function newTarget(): Promise<TestDatabase> {
  const target = await createEmptyDatabase();
  cleanUps.push(() => target.drop());
  return target;
}

const start = (url: string) => startCommand('commands/move.ts', [url], { DATA_DIR: folder });

/** Usage that was acknowledged is known by its key. */
async function expectReplays({ origin }: LocalGateway): Promise<void> {
  const client = createClient(origin, secret);
  const held = new Set(load.holds.map(({ reservationId }) => reservationId));
  const tracked = load.acknowledged.filter(({ key }) => !held.has(`${key} held`));
  for (const { customerId, key, what, value } of tracked.slice(0, 20)) {
    const answer = await track(client, customerId, { ...what, value, idempotencyKey: key });
    expect(answer).toMatchObject({ replayed: true });
  }
}

async function expectMoved({ url }: TestDatabase): Promise<void> {
  const address = { connectionString: url };
  await expectExact(address, load);
  const database = await openEmbeddedDatabase({ folder });
  try {
    expect(await rowsIn(address)).toEqual(await rowsIn({ stream: database.stream }));
  } finally {
    await database.close();
  }
  const gateway = await startLocalGateway(address);
  await expectReplays(gateway).finally(gateway.close);
}

/** Nothing of the move, the note that one was begun, or all rows: whatever ended it. */
async function stateOf({ url }: TestDatabase): Promise<'UNTOUCHED' | 'BEGUN' | 'COMPLETE'> {
  return withClient(url, async (client) => {
    const text = `SELECT count(*)::int AS left FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'tollgate'`;
    // The server may go on with a statement, the commit among them, for a moment.
    await expect.poll(async () => (await client.query(text)).rows).toEqual([{ left: 0 }]);
    const tables = "SELECT FROM pg_tables WHERE tablename IN ('_prisma_migrations', 'events')";
    if ((await client.query(tables)).rowCount === 0) return 'UNTOUCHED';
    const rows = Object.values(await rowsIn({ connectionString: url })).flat();
    return rows.length === 0 ? 'BEGUN' : 'COMPLETE';
  });
}

const BEGUN = /^A move into the database was begun and has not been completed, of the embedded /;

test.skipIf(KILLS === 0)(
  `a move that is killed at ${KILLS} random points leaves a target that says so, and is completed by the next one`,
  async () => {
    const random = randomOf(seedOf('move kills'));
    const whole = await newTarget();
    const { port } = new URL(whole.url);
    let sent = 0;
    let onSent = () => undefined;
    const proxy = await startProxy(Number(port), 0, (bytes) => {
      sent += bytes;
      onSent();
    });
    cleanUps.push(proxy.close);
    const through = ({ url }: TestDatabase) => {
      const address = new URL(url);
      [address.hostname, address.port] = ['127.0.0.1', String(proxy.port)];
      return address.href;
    };
    const begin = (target: TestDatabase) => {
      sent = 0;
      return start(through(target));
    };
    const completed = async (target: TestDatabase) => {
      const ended = await begin(target).ended;
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.stdout).toContain('15 balances checked: each is the sum of its ledger.');
      await expectMoved(target);
      removeMark(folder);
    };

    await completed(whole);
    const sentMax = sent;
    const states: string[] = [];
    let target = await newTarget();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const isLate = kill % 2 === 1;
      // There, the tables are to be created, too.
      if (isLate && readMark(folder) === null) target = await newTarget();
      const at = random.whole(isLate ? sentMax - LATE_BYTES : 1, sentMax);
      const running = begin(target);
      onSent = () => {
        if (sent >= at) running.signal('SIGKILL');
        return undefined;
      };
      await running.ended;
      onSent = () => undefined;
      const state = await stateOf(target);
      const mark = readMark(folder)?.state;
      states.push(`${state} ${mark}`);
      if (state === 'BEGUN') {
        expect(await refusalsOf({ DATABASE_URL: target.url })).toEqual([
          expect.stringMatching(BEGUN),
        ]);
      }
      if (state === 'COMPLETE') {
        expect(['MOVING', 'COMMITTED', 'MOVED']).toContain(mark);
        if (mark === 'MOVED') removeMark(folder);
        else await completed(target);
        target = await newTarget();
      } else {
        expect([undefined, 'MOVING']).toContain(mark);
        // Another one may take its place, unless this one may have been committed.
        if (mark === undefined && random.once(2)) target = await newTarget();
      }
    }
    process.stdout.write(`killed moves have left: ${states.join(', ')}\n`);
    // What was to be moved can be used meanwhile, if it is certain that it was not.
    if (readMark(folder) === null) {
      const { gateway, close } = await startOn(folder);
      await expectReplays(gateway).finally(close);
    }
    await completed(target);
  },
);

const NOTHING = 'Interrupted. Nothing was moved, and ';
const LOCK = 1;

const WAIT = `PERFORM pg_advisory_xact_lock(${LOCK})`;

/** Has a move wait for a lock when it writes rows. */
const COPYING = during('events', 'BEFORE INSERT', WAIT);

/** Has a move wait for a lock when it is committed. */
const COMMITTING = during(
  'events',
  'CONSTRAINT AFTER INSERT',
  WAIT,
  'DEFERRABLE INITIALLY DEFERRED',
);

async function targetThat(waits: string): Promise<[TestDatabase, OtherSessions]> {
  const target = await newTarget();
  await createTables(target, waits);
  return [target, sessionsOn(target)];
}

function sessionsOn({ url }: TestDatabase): OtherSessions {
  const sessions = openOtherSessions(url);
  cleanUps.push(() => sessions.close());
  return sessions;
}

const hold = (sessions: OtherSessions, key: number) =>
  sessions.hold(`SELECT pg_advisory_xact_lock(${key})`);

async function interrupted(running: Running): Promise<string> {
  running.signal('SIGINT');
  const { code, stderr } = await running.ended;
  expect(code).toBe(130);
  return stderr;
}

test('Ctrl-C before the commit of a move says that nothing was moved', async () => {
  const target = await newTarget();
  const waiting = sessionsOn(target);
  const release = await hold(waiting, LOCK_KEY);
  const migrating = start(target.url);
  await migrating.complains('Another process is migrating the target.');
  expect(await interrupted(migrating)).toContain(NOTHING);
  await release();
  expect(await stateOf(target)).toBe('UNTOUCHED');

  const [copied, sessions] = await targetThat(COPYING);
  await hold(sessions, LOCK);
  const copying = start(copied.url);
  await sessions.untilOneWaits();
  expect(await interrupted(copying)).toContain(NOTHING);
  expect(readMark(folder)).toBeNull();
  expect(await stateOf(copied)).toBe('BEGUN');
  expect(await refusalsOf({ DATABASE_URL: copied.url })).toEqual([expect.stringMatching(BEGUN)]);
});

test('Ctrl-C in the commit of a move waits for it, a second one does not, and after it the audit is missing', async () => {
  const [target, sessions] = await targetThat(COMMITTING);
  const committing = async () => {
    const release = await hold(sessions, LOCK);
    const running = start(target.url);
    await sessions.untilOneWaits();
    expect(readMark(folder)?.state).toBe('MOVING');
    return { running, release };
  };

  const first = await committing();
  first.running.signal('SIGINT');
  await first.running.complains('The move is being committed, and ends once that is known.');
  // Again and again, because signals within a second of each other count as one.
  const again = setInterval(() => first.running.signal('SIGINT'), 100);
  expect(await first.running.ended).toMatchObject({ code: 130, stdout: '' });
  clearInterval(again);
  expect(readMark(folder)?.state).toBe('MOVING');
  expect(await stateOf(target)).toBe('BEGUN');
  await first.release();

  const second = await committing();
  second.running.signal('SIGINT');
  await second.running.complains('The move is being committed');
  await second.release();
  const ended = await second.running.ended;
  expect(ended).toMatchObject({ code: 130, stdout: expect.stringContaining(' rows were moved ') });
  expect(ended.stderr).toContain('Interrupted. Everything was moved, but not audited to the end.');
  expect(readMark(folder)?.state).toBe('COMMITTED');
});

test('Ctrl-C in the audit of a move says which command audits', async () => {
  const [target, sessions] = await targetThat(COMMITTING);
  const release = await hold(sessions, LOCK);
  const running = start(target.url);
  await sessions.untilOneWaits();
  // Gets its lock by the commit, before the audit does.
  const locked = sessions.hold('LOCK TABLE ledger_entries IN ACCESS EXCLUSIVE MODE');
  await sessions.untilWaiting(2);
  await release();
  const unlock = await locked;
  await sessions.untilOneWaits();
  expect(await interrupted(running)).toContain(
    'Interrupted. Everything was moved, but not audited to the end. Run the same command again.',
  );
  expect(readMark(folder)?.state).toBe('COMMITTED');
  await unlock();
  const ended = await start(target.url).ended;
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('balances checked') });
});
