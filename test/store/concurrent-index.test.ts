/** Indexes are built while gateways are running, whatever interrupts or delays the build. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/platform/digest.js';
import { type MigrateOptions, migrate } from '../../src/store/migrate.js';
import { compiledFile } from '../support/compiled/compiled-file.js';
import { connect } from '../support/database/connections.js';
import {
  createDatabase,
  createEmptyDatabase,
  type TestDatabase,
} from '../support/database/database.js';
import {
  EXTRA,
  EXTRA_INDEX,
  EXTRA_SQL,
  folderWithExtra,
  type MigrationFolder,
} from '../support/database/extra-migration.js';
import { type OtherSessions, openOtherSessions } from '../support/database/other-sessions.js';

let migrations: MigrationFolder;
let database: TestDatabase;
let otherSessions: OtherSessions;
let client: pg.Client;

beforeAll(() => {
  migrations = folderWithExtra();
});
afterAll(() => migrations.remove());

beforeEach(async () => {
  database = await createDatabase();
  otherSessions = openOtherSessions(database.url);
  client = await connect(database.url);
});

afterEach(async () => {
  await otherSessions.close();
  await client.end();
  await database.drop();
});

/** A start of the new release, and what it says. */
function start(options: Pick<MigrateOptions, 'folder'> = {}) {
  const sentences: string[] = [];
  const migrated = migrate({
    address: { connectionString: database.url },
    connectTimeoutMs: 20_000,
    say: (sentence) => sentences.push(sentence),
    folder: migrations.folder,
    ...options,
  });
  migrated.catch(() => undefined);
  const says = (text: string) =>
    expect
      .poll(() => sentences.filter((sentence) => sentence.startsWith(text)).length, PATIENTLY)
      .toBeGreaterThan(0);
  return { migrated, sentences, says };
}

const PATIENTLY = { timeout: 30_000 };

const BUILDING =
  `Building the index ${EXTRA_INDEX} for the migration ${EXTRA}. This start goes on when it is there; ` +
  'gateways that are running are not held up.';

const index = async () =>
  (
    await otherSessions.rows<{ oid: number; valid: boolean }>(
      `SELECT indexrelid::int AS oid, indisvalid AS valid FROM pg_index
        JOIN pg_class ON pg_class.oid = indexrelid WHERE relname = $1`,
      [EXTRA_INDEX],
    )
  )[0];

const records = () =>
  otherSessions.rows(
    `SELECT checksum, finished_at IS NOT NULL AS finished FROM _prisma_migrations
      WHERE migration_name = $1`,
    [EXTRA],
  );

async function expectBuiltOnce() {
  expect(await index()).toMatchObject({ valid: true });
  expect(await records()).toEqual([{ checksum: sha256Hex(EXTRA_SQL), finished: true }]);
}

/** A transaction with a snapshot, such as that of a backup: an index waits for it to end. */
async function delayBuilds() {
  const backup = await connect(database.url, { application_name: 'nightly backup' });
  await backup.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
  const { rows } = await backup.query('SELECT pg_backend_pid() AS pid');
  return { pid: rows[0].pid as number, end: () => backup.end() };
}

const delayed = (pid: number) =>
  `The index ${EXTRA_INDEX} waits for the transaction of the session with pid ${pid} (nightly backup).`;

const BUILDERS = `SELECT pid FROM pg_stat_activity
  WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND state = 'active' AND datname = current_database()`;

const builders = async () =>
  (await otherSessions.rows<{ pid: number }>(BUILDERS)).map(({ pid }) => pid);

const WRITE = `INSERT INTO customers (customer_key, project_id, id, name)
  SELECT gen_random_uuid(), id, 'c', 'n' FROM projects LIMIT 1`;

describe('an index that is built concurrently', () => {
  it('is recorded like any other migration once it is there', async () => {
    const { migrated, sentences } = start();
    expect(await migrated).toEqual([EXTRA]);
    expect(sentences).toEqual([BUILDING]);
    await expectBuiltOnce();
    expect(await start().migrated).toEqual([]);
  });

  it('does not hold up writes, not even while a long transaction delays it, and says which one', async () => {
    await client.query(`INSERT INTO projects (id, name) VALUES (gen_random_uuid(), 'p')`);
    await client.query("SET lock_timeout = '200ms'");
    const backup = await delayBuilds();
    const { migrated, sentences, says } = start();
    let isSaid = false;
    const said = says(delayed(backup.pid)).then(() => {
      isSaid = true;
    });
    // Any that waited for the build would fail.
    do {
      await client.query(WRITE);
      await client.query('UPDATE customers SET name = name');
    } while (!isSaid);
    await said;
    expect(await index()).toMatchObject({ valid: false });
    expect(await records()).toEqual([]);
    await backup.end();
    expect(await migrated).toEqual([EXTRA]);
    expect(sentences).toEqual([BUILDING, delayed(backup.pid)]);
    await expectBuiltOnce();
  });

  it('is built once by starts at the same time, of which none keeps it waiting', async () => {
    const backup = await delayBuilds();
    const starts = [start(), start(), start(), start()];
    const waiting = new RegExp(
      `^The migration ${EXTRA} waits for the session with pid \\d+ \\(tollgate\\), which has locked customers\\.$`,
    );
    const said = () => starts.flatMap(({ sentences }) => sentences);
    await expect
      .poll(() => said().filter((sentence) => waiting.test(sentence)).length, PATIENTLY)
      .toBe(starts.length - 1);
    expect(await builders()).toHaveLength(1);
    await backup.end();
    const names = await Promise.all(starts.map(({ migrated }) => migrated));
    expect(names.flat()).toEqual([EXTRA]);
    expect(said().filter((sentence) => sentence === BUILDING)).toHaveLength(1);
    await expectBuiltOnce();
  });

  it('is finished by the server if the process that builds it is killed, and found by the next', async () => {
    const backup = await delayBuilds();
    const script = compiledFile('test/support/database/migrate-process.ts');
    const killed = fork(script, [database.url, migrations.folder.href]);
    await once(killed, 'message');
    await expect.poll(builders, PATIENTLY).toHaveLength(1);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const { migrated, sentences, says } = start();
    await says(`The migration ${EXTRA} waits for the session with pid `);
    await says(delayed(backup.pid));
    await backup.end();
    expect(await migrated).toEqual([EXTRA]);
    expect(sentences).not.toContain(BUILDING);
    await expectBuiltOnce();
  });

  it('is dropped and built anew if its build was interrupted', async () => {
    const backup = await delayBuilds();
    const { migrated, says } = start();
    await says(delayed(backup.pid));
    const [pid] = await builders();
    await client.query('SELECT pg_terminate_backend($1)', [pid]);
    await expect(migrated).rejects.toThrow();
    await backup.end();
    const before = await index();
    expect(before).toMatchObject({ valid: false });
    const again = start();
    expect(await again.migrated).toEqual([EXTRA]);
    expect(again.sentences).toEqual([
      `The index ${EXTRA_INDEX} was left incomplete by a build that was interrupted, so it is built anew.`,
      BUILDING,
    ]);
    expect((await index())?.oid).not.toBe(before?.oid);
    await expectBuiltOnce();
  });

  it('is built in the transaction of its migration, without a word, where no gateway can be running', async () => {
    const empty = await createEmptyDatabase();
    const sentences: string[] = [];
    const migrated = await migrate({
      address: { connectionString: empty.url },
      connectTimeoutMs: 20_000,
      say: (sentence) => sentences.push(sentence),
      folder: migrations.folder,
    });
    expect(migrated).toContain(EXTRA);
    expect(sentences).toEqual([]);
    await empty.drop();
  });

  it('is not built again if it is there already', async () => {
    await client.query(EXTRA_SQL);
    const before = await index();
    const { migrated, sentences } = start();
    expect(await migrated).toEqual([EXTRA]);
    expect(sentences).toEqual([]);
    expect(await index()).toEqual(before);
    await expectBuiltOnce();
  });

  it('is built without the limits of the role', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await client.query(`ALTER DATABASE ${name} SET statement_timeout = '300ms'`);
    await client.query(`ALTER DATABASE ${name} SET lock_timeout = '200ms'`);
    const backup = await delayBuilds();
    const { migrated, says } = start();
    await says(delayed(backup.pid));
    await backup.end();
    expect(await migrated).toEqual([EXTRA]);
    await expectBuiltOnce();
  });

  it('does not take the place of something else with its name', async () => {
    await client.query(`CREATE TABLE ${EXTRA_INDEX} ()`);
    await expect(start().migrated).rejects.toThrow(
      `The name ${EXTRA_INDEX} is taken by something other than an index of customers. Use a separate database for Tollgate.`,
    );
    expect(await records()).toEqual([]);
  });

  it('fails with what to do if it cannot be built', async () => {
    const wrong = folderWithExtra(EXTRA_SQL.replace('name)', 'nonsense)'));
    await expect(start({ folder: wrong.folder }).migrated).rejects.toThrow(
      /^The index customers_by_name of the migration 9000_customers_by_name could not be built: .*nonsense.* The next start builds it anew\.$/,
    );
    wrong.remove();
    expect(await start().migrated).toEqual([EXTRA]);
  });

  it('can be built by `prisma migrate`, while a start of ours waits for its lock', async () => {
    // Prisma sends a file as one message, and holds its lock meanwhile.
    await client.query('SELECT pg_advisory_lock(72707369)');
    const { migrated, says } = start();
    await says('Another process is migrating the database.');
    await client.query(EXTRA_SQL);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
        VALUES (gen_random_uuid(), $1, $2, now())`,
      [sha256Hex(EXTRA_SQL), EXTRA],
    );
    await client.query('SELECT pg_advisory_unlock(72707369)');
    expect(await migrated).toEqual([]);
    await expectBuiltOnce();
  });

  it.each([
    ['two statements', `${EXTRA_SQL}SELECT 1;`],
    ['a table without its schema', EXTRA_SQL.replace('public.', '')],
    ['an index without a name', EXTRA_SQL.replace(EXTRA_INDEX, '')],
  ])('is the only statement of its file, in one form: not %s', async (_what, sql) => {
    const wrong = folderWithExtra(sql);
    await expect(start({ folder: wrong.folder }).migrated).rejects.toThrow(
      `${EXTRA} must be one statement: CREATE INDEX CONCURRENTLY name ON public.table (...);`,
    );
    wrong.remove();
  });
});
