/** Writes and reads each have their own connections, up to their limits, and never wait for each other's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customerScope } from '../../src/meter/customer-key.js';
import { openDatabase } from '../../src/store/database.js';
import { openStore } from '../../src/store/store.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { openOtherSessions } from '../support/database/other-sessions.js';
import { answersOf } from '../support/meter/read-queue.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const options = () => ({
  address: { connectionString: database.url },
  poolMax: 2,
  readPoolMax: 1,
  acquireTimeoutMs: 3_000,
  statementTimeoutMs: 30_000,
  onIdleError: () => undefined,
});

it('each pool opens connections up to its limit, independently of the other', async () => {
  const { pool, readPool, close } = openDatabase(options());
  const taken = [await pool.connect(), await pool.connect(), await readPool.connect()];
  const full = (one: typeof pool) => expect(one.connect()).rejects.toThrow(/timeout exceeded/);
  await Promise.all([full(pool), full(readPool)]);
  for (const client of taken) client.release();
  await close();
});

describe('in a store', () => {
  it('reads are answered while writes use all of their connections', async () => {
    const store = openStore({ ...options(), poolMax: 1, clockOffsetMs: () => 0 });
    const { project } = await store.projects.ensure('writing');
    const scope = { ...customerScope(project.id, 'c'), entityIds: [], idempotencyKeys: [] };
    const found = await store.transaction(scope.customerKey, async ({ load }) => {
      await load([scope], { skipLocked: false });
      return answersOf(store.reads).customers(project.id, [scope.customerKey]);
    });
    expect(found).toEqual([null]);
    await store.close();
  });

  it('writes are done while reads use all of theirs', async () => {
    const store = openStore({ ...options(), clockOffsetMs: () => 0 });
    const otherSessions = openOtherSessions(database.url);
    const { project } = await store.projects.ensure('reading');
    const release = await otherSessions.hold('LOCK TABLE features IN ACCESS EXCLUSIVE MODE');
    const waiting = answersOf(store.reads).features(project.id, ['messages']);
    await otherSessions.untilOneWaits();
    const scope = customerScope(project.id, 'c');
    const draft = { id: 'c', name: null, email: null, metadata: {} };
    expect(await store.createCustomer(scope, draft)).toMatchObject({ created: true });
    await release();
    expect(await waiting).toEqual([null]);
    await otherSessions.close();
    await store.close();
  });
});
