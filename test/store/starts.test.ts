/** Every way in which a start on PostgreSQL can fail has its own message. */
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import {
  createDatabase,
  createEmptyDatabase,
  type TestDatabase,
} from '../support/database/database.js';
import { runCommand } from '../support/gateway/command.js';
import { messageOf, refusalsOf, run, SECRET } from '../support/gateway/starts.js';
import { startOldServer } from '../support/postgres/old-server.js';

function as(url: string, user: string, password = SECRET): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.href;
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);

describe('a start on PostgreSQL', () => {
  const databases: TestDatabase[] = [];
  const role = `role_${process.pid}`;
  const other = `other_${process.pid}`;

  beforeAll(async () => {
    await run(
      inject('postgresUrl'),
      `CREATE ROLE ${role} LOGIN PASSWORD '${SECRET}'`,
      `CREATE ROLE ${other} PASSWORD '${SECRET}'`,
    );
  });

  afterAll(async () => {
    for (const database of databases) await database.drop();
    await run(inject('postgresUrl'), `DROP ROLE ${role}`, `DROP ROLE ${other}`);
  });

  const made = async (database: Promise<TestDatabase>, ...statements: readonly string[]) => {
    const created = await database;
    databases.push(created);
    await run(
      created.url,
      ...statements.map((text) => text.replaceAll('$db', nameOf(created.url))),
    );
    return created.url;
  };
  const empty = (...statements: readonly string[]) => made(createEmptyDatabase(), ...statements);
  const migrated = (...statements: readonly string[]) => made(createDatabase(), ...statements);
  const ofEncoding = async (encoding: string) => {
    const name = `encoded_${encoding.toLowerCase()}_${process.pid}`;
    const server = inject('postgresUrl');
    await run(
      server,
      `CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE 'C' LOCALE_PROVIDER libc
        TEMPLATE template0`,
    );
    const url = new URL(server);
    url.pathname = `/${name}`;
    databases.push({
      url: url.href,
      servers: new Map(),
      drop: () => run(server, `DROP DATABASE ${name} WITH (FORCE)`),
    });
    return url.href;
  };

  type Row = readonly [what: string, url: () => Promise<string>, message: RegExp];

  const rows: readonly Row[] = [
    [
      'the database does not exist',
      async () => (await empty()).replace(/\/[^/]*$/, '/no%20where'),
      /database "no where" does not exist\. .* CREATE DATABASE "no where" ENCODING 'UTF8'/,
    ],
    [
      'nothing listens on the port',
      async () => `postgresql://me:${SECRET}@127.0.0.1:1/usage`,
      /ECONNREFUSED/,
    ],
    [
      'the host is unknown',
      async () => `postgresql://me:${SECRET}@no.invalid/usage`,
      /no\.invalid/,
    ],
    [
      'the socket is missing',
      async () => 'postgresql:///usage?host=/nowhere',
      /at \/nowhere\/usage/,
    ],
    [
      'the password is wrong',
      async () => as(await empty(), role, `${SECRET}x`),
      /password authentication failed for user .* Correct the user name and the password/,
    ],
    ['there is no password', async () => as(await empty(), role, ''), /has none. Add it\./],
    ['the role does not exist', async () => as(await empty(), 'nobody_at_all'), /nobody_at_all/],
    [
      'the role may not log in',
      async () => as(await empty(), other),
      /not permitted to log in\. Correct the user name in DATABASE_URL, or create the role with/,
    ],
    [
      'the role may not connect',
      async () => as(await empty('REVOKE CONNECT ON DATABASE $db FROM PUBLIC'), role),
      /permission denied for database/,
    ],
    [
      'the role may not create tables',
      async () => as(await empty(), role),
      new RegExp(`may not create tables .* GRANT CREATE ON SCHEMA public TO ${role};$`),
    ],
    [
      'the role may not use the schema',
      async () => as(await empty('REVOKE ALL ON SCHEMA public FROM PUBLIC'), role),
      new RegExp(`GRANT USAGE, CREATE ON SCHEMA public TO ${role};$`),
    ],
    ['the schema does not exist', () => empty('DROP SCHEMA public'), /CREATE SCHEMA public;$/],
    [
      'the tables belong to another role',
      async () => as(await migrated(`GRANT SELECT ON _prisma_migrations TO ${role}`), role),
      new RegExp(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES .* TO ${role};$`),
    ],
    [
      'the record of migrations cannot be read',
      async () => as(await migrated(), role),
      /permission denied for table _prisma_migrations\. .*db:migrate/,
    ],
    [
      'a migration is missing and the role owns nothing',
      async () =>
        as(
          await migrated(
            `DELETE FROM _prisma_migrations WHERE migration_name = '0002_cheap_checks'`,
            `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`,
          ),
          role,
        ),
      /0002_cheap_checks failed and was rolled back: .*must be owner of .*db:migrate/,
    ],
    [
      'the database is read-only',
      () => empty('ALTER DATABASE $db SET default_transaction_read_only = on'),
      /ALTER DATABASE tollgate_test_\w+ RESET default_transaction_read_only;$/,
    ],
    [
      'the migrated database is read-only',
      () => migrated('ALTER DATABASE $db SET default_transaction_read_only = on'),
      /ALTER DATABASE tollgate_test_\w+ RESET default_transaction_read_only;$/,
    ],
    [
      'the role is read-only in this database',
      async () =>
        as(
          await empty(`ALTER ROLE ${role} IN DATABASE $db SET default_transaction_read_only = on`),
          role,
        ),
      new RegExp(`ALTER ROLE ${role} IN DATABASE \\w+ RESET default_transaction_read_only;$`),
    ],
    [
      'row-level security hides rows from the role',
      async () =>
        as(
          await migrated(
            `GRANT SELECT ON _prisma_migrations TO ${role}`,
            `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`,
            'ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY',
            'ALTER TABLE events ENABLE ROW LEVEL SECURITY',
          ),
          role,
        ),
      new RegExp(`hides rows of .*: api_keys, events\\. .* ALTER ROLE ${role} BYPASSRLS;$`),
    ],
    [
      'triggers and foreign keys do not apply to the role',
      async () =>
        as(
          await migrated(
            `GRANT SELECT ON _prisma_migrations TO ${role}`,
            `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`,
            `ALTER ROLE ${role} IN DATABASE $db SET session_replication_role = replica`,
          ),
          role,
        ),
      new RegExp(
        `foreign keys do not apply\\. .* ALTER ROLE ${role} IN DATABASE \\w+ RESET session_replication_role;$`,
      ),
    ],
    [
      'a crash would empty its tables',
      () =>
        migrated(
          'ALTER TABLE events_first SET UNLOGGED',
          'ALTER TABLE idempotency_keys SET UNLOGGED',
        ),
      /unlogged, .*: events_first, idempotency_keys\. .* ALTER TABLE public\.events_first SET LOGGED; ALTER TABLE public\.idempotency_keys SET LOGGED;$/,
    ],
    [
      'another program has types there',
      () => empty("CREATE TYPE ledger_kind AS ENUM ('X')"),
      /type "ledger_kind" already exists\. Use a separate database for Tollgate\.$/,
    ],
    ['its encoding is LATIN1', () => ofEncoding('LATIN1'), /encoding UTF8; this one has LATIN1\. /],
    ['it has no encoding', () => ofEncoding('SQL_ASCII'), /encoding UTF8; this one has SQL_ASCII/],
    [
      'it has tables of another program',
      () => empty('CREATE TABLE customers (id int)', 'CREATE TABLE projects (id int)'),
      /another program's tables .*: customers, projects\. Use a separate database for Tollgate\.$/,
    ],
    [
      'it belongs to another program that uses Prisma',
      () =>
        migrated(`UPDATE _prisma_migrations SET migration_name = '20240101_' || migration_name`),
      /belongs to another program that uses Prisma: it has 20240101_0001_init, /,
    ],
    [
      'it has an unrelated table _prisma_migrations',
      () => empty('CREATE TABLE _prisma_migrations (id int)'),
      /column "migration_name" does not exist \(SQLSTATE 42703\)/,
    ],
    [
      'a newer version has migrated it',
      () =>
        migrated(`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
          VALUES ('x', 'y', '9999_later', now())`),
      /migrated by a newer version of Tollgate, which has 9999_later\. Run that version/,
    ],
    [
      'a different text of a migration was applied',
      () => migrated(`UPDATE _prisma_migrations SET checksum = repeat('0', 64)`),
      /^The migration 0001_init was applied to this database with a different text/,
    ],
    [
      'a migration did not finish',
      () => migrated('UPDATE _prisma_migrations SET finished_at = NULL'),
      /did not finish\. Repair the database/,
    ],
    [
      'the server has no TLS and sslmode=require needs it',
      async () => `${await empty()}?sslmode=require`,
      /does not support TLS, .* sslmode=disable .* require .* verify-ca and verify-full/,
    ],
    [
      'the server has no TLS and sslmode=verify-full needs it',
      async () => `${await empty()}?sslmode=verify-full`,
      /does not support TLS, /,
    ],
    [
      'the certificate to trust is missing',
      async () => `${await empty()}?sslmode=verify-ca&sslrootcert=/nowhere/ca.pem`,
      /a file that DATABASE_URL names cannot be read: ENOENT.* '\/nowhere\/ca\.pem'/,
    ],
  ];

  it.each(rows)('fails with a message if %s', async (_what, url, message) => {
    const DATABASE_URL = await url();
    expect(await messageOf({ DATABASE_URL })).toMatch(message);
  });

  it.each(['disable', 'allow', 'prefer'])('needs no TLS with sslmode=%s', async (mode) => {
    expect(await refusalsOf({ DATABASE_URL: `${await empty()}?sslmode=${mode}` })).toEqual([]);
  });

  it('ignores PGPORT, and PGSSLMODE unless it is one of its settings', async () => {
    const DATABASE_URL = await empty();
    vi.stubEnv('PGSSLMODE', 'require');
    vi.stubEnv('PGPORT', '1');
    expect(await refusalsOf({ DATABASE_URL })).toEqual([]);
    vi.unstubAllEnvs();
  });

  it('needs only the rights to read and write if another role migrates', async () => {
    const url = await migrated(
      `GRANT SELECT ON _prisma_migrations TO ${role}`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`,
    );
    expect(await refusalsOf({ DATABASE_URL: as(url, role) })).toEqual([]);
  });

  it('fails with a message if the server is too old', async () => {
    const url = await empty();
    const old = await startOldServer(url);
    await expect(messageOf({ DATABASE_URL: old.url })).resolves.toMatch(
      /^Tollgate needs PostgreSQL 15 or later; this server is .*\. Upgrade it, or set DATABASE_URL/,
    );
    await old.close();
  });

  it.each([
    ['one process', []],
    ['two workers', ['--workers', '2']],
  ])('ends %s with one line and exit code 1', async (_what, args) => {
    const DATABASE_URL = as(await empty(), role);
    const ended = await runCommand('main.ts', args, { DATABASE_URL, PORT: '0' });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^The role .* GRANT CREATE ON SCHEMA public TO \w+;\n$/);
  });
});
