import { fork } from 'node:child_process';
import { once } from 'node:events';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeferred } from '../../src/platform/deferred.js';
import { migrate } from '../../src/store/migrate.js';
import { compiledFile } from '../support/compiled/compiled-file.js';
import { connect } from '../support/database/connections.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';
import { installOldRelease } from '../support/database/old-release.js';
import { openOtherSessions } from '../support/database/other-sessions.js';

const RECORD = `SELECT migration_name, checksum, finished_at >= started_at AS finished,
  applied_steps_count AS steps, logs, rolled_back_at, length(id) AS id
  FROM _prisma_migrations ORDER BY migration_name`;

let database: TestDatabase;
let client: pg.Client;

beforeEach(async () => {
  database = await createEmptyDatabase();
  client = await connect(database.url);
});

afterEach(async () => {
  await client.end();
  await database.drop();
});

const run = () => migrate({ address: { connectionString: database.url }, connectTimeoutMs: 5_000 });

const WAITS = 'Another process is migrating the database. This one goes on when that has finished.';

function runAndListen() {
  const heard = createDeferred<string>();
  const migrated = migrate({
    address: { connectionString: database.url },
    connectTimeoutMs: 5_000,
    say: heard.resolve,
  });
  return { migrated, says: heard.promise };
}

describe('migrate', () => {
  it('applies missing migrations and records them as Prisma does', async () => {
    const names = await run();
    expect(names).toContain('0001_init');
    const { rows } = await client.query(RECORD);
    expect(rows.map(({ migration_name }) => migration_name)).toEqual(names);
    for (const row of rows) {
      expect(row).toMatchObject({
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
        finished: true,
        steps: 1,
        logs: null,
        rolled_back_at: null,
        id: 36,
      });
    }
  });

  it('does nothing the second time', async () => {
    await run();
    const before = await client.query(RECORD);
    await expect(run()).resolves.toEqual([]);
    const after = await client.query(RECORD);
    expect(after.rows).toEqual(before.rows);
  });

  it('applies each migration once when processes start together', async () => {
    const script = compiledFile('test/support/database/migrate-process.ts');
    const exits = await Promise.all(
      [1, 2, 3, 4, 5].map(async () => {
        const child = fork(script, [database.url]);
        const [code] = await once(child, 'exit');
        return code;
      }),
    );
    expect(exits).toEqual([0, 0, 0, 0, 0]);
    await expect(run()).resolves.toEqual([]);
    const { rows } = await client.query(RECORD);
    expect(new Set(rows.map(({ migration_name }) => migration_name)).size).toBe(rows.length);
  });

  it('waits for a migration in progress, including that of `prisma migrate`', async () => {
    const otherSessions = openOtherSessions(database.url);
    // The key of Prisma's own lock.
    const release = await otherSessions.hold('SELECT pg_advisory_xact_lock(72707369)');
    const { migrated, says } = runAndListen();
    expect(await Promise.race([migrated, says])).toBe(WAITS);
    await release();
    expect(await migrated).toContain('0001_init');
    await otherSessions.close();
  });

  it('finds what another process has applied to an empty database meanwhile', async () => {
    const other = await connect(database.url);
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock(72707369)');
    const { migrated, says } = runAndListen();
    expect(await Promise.race([migrated, says])).toBe(WAITS);
    const later = await installOldRelease(other);
    await other.query('COMMIT');
    expect(await migrated).toEqual(later);
    await other.end();
  });

  it('refuses a database to which a different text of a migration was applied', async () => {
    await run();
    await client.query(`UPDATE _prisma_migrations SET checksum = repeat('0', 64)
      WHERE migration_name = '0001_init'`);
    await expect(run()).rejects.toThrow(
      /^The migration 0001_init was applied to this database with a different text/,
    );
  });

  it('refuses a database of a newer version', async () => {
    await run();
    await client.query(`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
      VALUES ('x', 'y', '9999_later', now())`);
    await expect(run()).rejects.toThrow(
      'The database was migrated by a newer version of Tollgate, which has 9999_later. ' +
        'Run that version or a later one.',
    );
  });

  it('refuses a database with a migration that Prisma did not finish', async () => {
    await run();
    await client.query('UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(run()).rejects.toThrow(/did not finish/);
  });

  it('leaves nothing of a failed migration behind', async () => {
    await client.query(`CREATE TYPE ledger_kind AS ENUM ('OTHER')`);
    await expect(run()).rejects.toThrow(/^The migration 0001_init failed and was rolled back/);
    const { rows } = await client.query(`SELECT to_regclass('projects') AS projects,
      to_regclass('_prisma_migrations') AS record`);
    expect(rows).toEqual([{ projects: null, record: null }]);
  });

  it('warns about a server that may lose data in a power cut, and about no other', async () => {
    const warnings: string[] = [];
    const warn = (sentence: string) => warnings.push(sentence);
    const address = { connectionString: database.url };
    await migrate({ address, connectTimeoutMs: 5_000, warn });
    const { rows } = await client.query<{ name: string }>(
      `SELECT name FROM pg_settings
        WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name`,
    );
    const about = ({ name }: { name: string }): unknown =>
      expect.stringMatching(
        `^The server runs with ${name} off\\. A power cut can .* ALTER SYSTEM SET ${name} = on; SELECT`,
      );
    expect(warnings).toEqual(rows.map(about));
  });

  it('fails if the database cannot be reached', async () => {
    const address = { connectionString: 'postgresql://x:y@127.0.0.1:1/z' };
    await expect(migrate({ address, connectTimeoutMs: 1_000 })).rejects.toThrow(/ECONNREFUSED/);
  });
});
