/** The note in the target of a move that it was begun, until it is completed. Where the rows come from does not matter. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { connectOnce } from '../../src/store/database.js';
import { LOCK_KEY } from '../../src/store/migration-lock.js';
import { type MoveOptions, moveDatabase } from '../../src/store/move/move.js';
import { recordMove } from '../../src/store/move-record.js';
import { withClient } from '../support/database/connections.js';
import {
  createDatabase,
  createEmptyDatabase,
  type TestDatabase,
} from '../support/database/database.js';
import { start } from '../support/database/moves.js';
import { PLACES } from '../support/database/places.js';
import { createProject } from '../support/database/project.js';

const cleanUps: (() => Promise<unknown>)[] = [];
let source: TestDatabase;

beforeAll(async () => {
  source = await createDatabase();
  await createProject(source.url);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(() => source.drop());

async function emptyTarget(): Promise<TestDatabase> {
  const target = await createEmptyDatabase();
  cleanUps.push(() => target.drop());
  return target;
}

const move = ({ url }: TestDatabase, options: Partial<MoveOptions> = {}) =>
  moveDatabase({
    source: { connectionString: source.url },
    target: { connectionString: url },
    places: PLACES,
    from: 'the database of this test',
    connectTimeoutMs: 10_000,
    say: () => undefined,
    onRows: () => undefined,
    onCommit: () => undefined,
    onRollback: () => undefined,
    wasCommitted: false,
    ...options,
  });

it('the target is marked before anything else is done to it, until a move is completed', async () => {
  const target = await emptyTarget();
  const beside = await connectOnce({ connectionString: target.url }, 10_000);
  cleanUps.push(() => beside.end());
  await beside.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
  const said: string[] = [];
  const moving = move(target, {
    say: (sentence) => {
      said.push(sentence);
      void beside.query('SELECT pg_advisory_unlock_all()');
    },
    onRows: () => {
      throw new Error('interrupted');
    },
  });
  await expect(moving).rejects.toThrow('interrupted');
  const waited = said.filter((sentence) => sentence.startsWith('Another process is migrating'));
  expect(waited.length).toBe(1);
  const { rows } = await beside.query(
    'SELECT migration_name AS name FROM _prisma_migrations ORDER BY started_at LIMIT 2',
  );
  expect(rows.map(({ name }) => name)).toEqual(['move_not_completed', '0001_init']);
  expect(await move(target)).toMatchObject({ wasThere: false });
  expect(await start(target, PLACES)).toEqual([]);
});

it('a target in which a gateway has created something since is left as it was', async () => {
  const target = await createDatabase();
  cleanUps.push(() => target.drop());
  const fill = `INSERT INTO projects (id, name) VALUES (gen_random_uuid(), 'x')`;
  await withClient(target.url, async (gateway) => {
    // Waits for the lock of the move, which waits for this one.
    await gateway.query(`BEGIN; ${fill}`);
    const moving = move(target);
    const refused = expect(moving).rejects.toThrow('The target is not empty: projects has rows');
    const waits = `SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
      WHERE NOT granted AND relation = 'projects'::regclass AND datname = current_database()`;
    await expect.poll(async () => (await gateway.query(waits)).rowCount).toBe(1);
    await gateway.query('COMMIT');
    await refused;
  });
  expect(await start(target, PLACES)).toEqual([]);
  await withClient(target.url, (client) => recordMove(client, 'another database'));
  await expect(move(target)).rejects.toThrow('The target is not empty: projects has rows');
  expect(await start(target, PLACES)).toEqual([]);
});
