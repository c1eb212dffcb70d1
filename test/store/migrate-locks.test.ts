/** A new release migrates while gateways of the old one are running: they are not held up, however long a lock is held. */
import type pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type MigrateOptions, migrate } from '../../src/store/migrate.js';
import { connect } from '../support/database/connections.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';
import {
  installOldRelease,
  OLD,
  recordMigration,
  textOf,
} from '../support/database/old-release.js';
import { type OtherSessions, openOtherSessions } from '../support/database/other-sessions.js';

let database: TestDatabase;
let otherSessions: OtherSessions;
let gateway: pg.Client;
let later: string[];

beforeEach(async () => {
  database = await createEmptyDatabase();
  otherSessions = openOtherSessions(database.url);
  gateway = await connect(database.url);
  later = await installOldRelease(gateway);
});

afterEach(async () => {
  await otherSessions.close();
  await gateway.end();
  await database.drop();
});

/** A start of the new release, and what it says; the indexes that it builds are another test's. */
function start(options: Pick<MigrateOptions, 'lockWaitMaxMs'> = {}) {
  const sentences: string[] = [];
  const migrated = migrate({
    address: { connectionString: database.url },
    connectTimeoutMs: 20_000,
    say: (sentence) => {
      if (!sentence.startsWith('Building the index ')) sentences.push(sentence);
    },
    ...options,
  });
  const spoken = () => expect.poll(() => sentences.length).toBeGreaterThan(0);
  return { migrated, sentences, spoken };
}

const applied = async () =>
  (await otherSessions.rows('SELECT migration_name FROM _prisma_migrations ORDER BY 1')).map(
    ({ migration_name }) => migration_name,
  );

const BACKUP = 'SELECT count(*) FROM balances';

const WRITE = 'UPDATE balances SET used = used';

const LONG_WAIT = /^The migration 0004_small_rules waits for .*, which has locked balances\./;

it('the writes of a running gateway do not wait for the session that keeps the migration waiting', async () => {
  const release = await otherSessions.hold(BACKUP);
  const { migrated, spoken, sentences } = start();
  let isSpoken = false;
  const speaks = spoken().then(() => {
    isSpoken = true;
  });
  // If the migration waited without a limit, a write would wait behind it until the release.
  do await gateway.query(WRITE);
  while (!isSpoken);
  await speaks;
  expect(await applied()).toEqual(OLD);
  await release();
  expect(await migrated).toEqual(later);
  expect(await applied()).toEqual([...OLD, ...later]);
  expect(sentences).toEqual([expect.stringMatching(LONG_WAIT)]);
});

it('says who holds the lock, and no longer queues for it until that transaction has ended', async () => {
  const backup = await connect(database.url, { application_name: 'nightly backup' });
  await backup.query('BEGIN');
  await backup.query(BACKUP);
  const { rows } = await backup.query('SELECT pg_backend_pid() AS pid');
  const { migrated, spoken, sentences } = start();
  await spoken();
  expect(sentences[0]).toBe(
    `The migration 0004_small_rules waits for the session with pid ${rows[0].pid} ` +
      '(nightly backup), which has locked balances. It is tried again when that transaction has ' +
      'ended, for up to 600 s.',
  );
  for (let look = 0; look < 500; look += 1) {
    expect(await otherSessions.waitingNow()).toBe(0);
    await gateway.query(WRITE);
  }
  await backup.query('COMMIT');
  expect(await migrated).toEqual(later);
  await backup.end();
});

it('gives up with a sentence, and leaves nothing of the migration behind', async () => {
  const release = await otherSessions.hold(BACKUP);
  const { migrated } = start({ lockWaitMaxMs: 1_000 });
  await expect(migrated).rejects.toThrow(
    /^The migration 0004_small_rules did not get its locks within 1 s because of (the session with .*, which has locked balances|other transactions)\. Nothing of it was applied\. End that transaction, then start again\.$/,
  );
  expect(await applied()).toEqual(OLD);
  expect(
    await otherSessions.count(`SELECT count(*)::int FROM information_schema.columns
      WHERE table_name = 'balances' AND column_name = 'reset_time_zone'`),
  ).toBe(0);
  await release();
  expect(await start().migrated).toEqual(later);
});

it('two gateways that wait for the same lock apply each migration once', async () => {
  const release = await otherSessions.hold(BACKUP);
  const starts = [start(), start()];
  await Promise.all(starts.map(({ spoken }) => spoken()));
  await gateway.query(WRITE);
  await release();
  const names = await Promise.all(starts.map(({ migrated }) => migrated));
  expect(names.flat().toSorted()).toEqual(later);
  expect(await applied()).toEqual([...OLD, ...later]);
});

/** As it is held by a process that migrates, of this release or of another. */
const MIGRATING = 'SELECT pg_advisory_xact_lock(72707369)';

it('says that another process is migrating, and goes on when that has ended', async () => {
  const release = await otherSessions.hold(MIGRATING);
  const { migrated, spoken, sentences } = start();
  await spoken();
  expect(await applied()).toEqual(OLD);
  await release();
  expect(await migrated).toEqual(later);
  expect(sentences).toEqual([
    'Another process is migrating the database. This one goes on when that has finished.',
  ]);
});

it('waits for a migration that has been begun elsewhere, and does not take it for a broken one', async () => {
  await start().migrated;
  const release = await otherSessions.hold(MIGRATING);
  await gateway.query(`UPDATE _prisma_migrations SET finished_at = NULL
    WHERE migration_name = '0005_event_indexes'`);
  const { migrated, spoken } = start();
  await spoken();
  await gateway.query(
    'UPDATE _prisma_migrations SET finished_at = now() WHERE finished_at IS NULL',
  );
  await release();
  expect(await migrated).toEqual([]);
});

it('a gateway that has nothing to migrate does not wait for a newer release that has', async () => {
  await start().migrated;
  const release = await otherSessions.hold(MIGRATING);
  const { migrated, sentences } = start();
  expect(await migrated).toEqual([]);
  expect(sentences).toEqual([]);
  await release();
});

it('indexes that were built by hand, without blocking writes, are not built again', async () => {
  const name = '0005_event_indexes';
  const statements = (await textOf(name)).match(/^CREATE INDEX [^;]+/gm) ?? [];
  for (const statement of statements) {
    await gateway.query(statement.replace('CREATE INDEX', 'CREATE INDEX CONCURRENTLY'));
  }
  await recordMigration(gateway, name);
  expect(await start().migrated).toEqual(later.filter((other) => other !== name));
});
