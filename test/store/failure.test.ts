import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PrismaClient } from '../../src/generated/prisma/client.js';
import { type Database, type DatabaseOptions, openDatabase } from '../../src/store/database.js';
import { failureOf } from '../../src/store/failure.js';
import {
  endSleepers,
  failureOfWork,
  meetingOf,
  sleeping,
  started,
} from '../support/database/failures.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';
import { startProxy } from '../support/postgres/tcp-proxy.js';

/** A separate server, because these tests break it. */
let postgres: TestPostgres;
let database: Database;
let prisma: PrismaClient;

const opened: Database[] = [];

type Limits = Partial<Pick<DatabaseOptions, 'poolMax' | 'acquireTimeoutMs' | 'statementTimeoutMs'>>;

function open(connectionString: string, limits: Limits = {}): Database {
  const database = openDatabase({
    address: { connectionString },
    poolMax: 3,
    readPoolMax: 2,
    ...PATIENT_DATABASE,
    ...limits,
    onIdleError: () => undefined,
  });
  opened.push(database);
  return database;
}

function changed(change: (url: URL) => void): string {
  const url = new URL(postgres.url);
  change(url);
  return url.href;
}

beforeAll(async () => {
  postgres = await startPostgres({
    own: true,
    // A deadlock must be detected before the waits for its locks time out.
    settings: {
      max_connections: '20',
      superuser_reserved_connections: '3',
      deadlock_timeout: '100ms',
    },
  });
  database = open(postgres.url);
  prisma = database.prisma;
  for (const statement of [
    `CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL CHECK (v <> 'bad'))`,
    'CREATE TABLE child (id int REFERENCES t (id))',
    `INSERT INTO t VALUES (1, 'a'), (2, 'b')`,
    'CREATE TABLE slow (id int)',
    `CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(30); RETURN NULL; END'`,
    `CREATE CONSTRAINT TRIGGER sleep AFTER INSERT ON slow
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sleep()`,
    `CREATE ROLE app LOGIN PASSWORD 'app'`,
  ]) {
    await prisma.$executeRawUnsafe(statement);
  }
});

afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()));
  await postgres.stop();
});

/** The failure of a statement that the callback interrupts. */
async function broken({ prisma }: Database, breakIt: () => unknown, seconds = 30) {
  await endSleepers(postgres.url);
  const failure = started(prisma.$queryRaw`SELECT 1 FROM pg_sleep(${seconds})`);
  await sleeping(postgres.url);
  await breakIt();
  return failure;
}

async function throughProxy(limits: Limits = {}) {
  const proxy = await startProxy(Number(new URL(postgres.url).port));
  const toProxy = (url: URL) => {
    url.port = String(proxy.port);
  };
  return { proxy, through: open(changed(toProxy), limits) };
}

const one = (url: string, limits: Limits = {}) =>
  failureOfWork(() => open(url, limits).prisma.$queryRaw`SELECT 1`);

describe('a failure is UNREACHABLE if nothing can have been sent:', () => {
  it.each([
    ['nothing listens on the port', (url: URL) => (url.port = '1')],
    ['the host is unknown', (url: URL) => (url.hostname = 'nowhere.invalid')],
    ['the password is wrong', (url: URL) => (url.password = 'wrong')],
    ['the database does not exist', (url: URL) => (url.pathname = '/nothing')],
  ])('%s', async (_why, change) => {
    await expect(one(changed(change))).resolves.toBe('UNREACHABLE');
  });

  it('the server accepts the connection but does not answer', async () => {
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const address = mute.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    // Without the limit, this would wait for longer than the test may take.
    await expect(
      one(
        changed((url) => {
          url.port = port;
        }),
        { acquireTimeoutMs: 1_000 },
      ),
    ).resolves.toBe('UNREACHABLE');
    mute.close();
  });

  it('the server has too many connections', async () => {
    const many = open(
      changed((url) => {
        url.username = 'app';
        url.password = 'app';
      }),
      { poolMax: 30 },
    );
    const failures = await Promise.all(
      Array.from({ length: 30 }, () => started(many.prisma.$queryRaw`SELECT 1 FROM pg_sleep(0.3)`)),
    );
    expect(new Set(failures)).toEqual(new Set(['NONE', 'UNREACHABLE']));
    await many.close();
  });

  it('all connections of the pool are busy', async () => {
    const busy = open(postgres.url, { poolMax: 1, acquireTimeoutMs: 2_000 });
    const first = busy.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1`;
      return Promise.all([
        started(busy.prisma.$queryRaw`SELECT 1`),
        started(busy.prisma.$transaction((other) => other.$queryRaw`SELECT 1`)),
      ]);
    });
    await expect(first).resolves.toEqual(['BUSY', 'BUSY']);
  });
});

describe('a failure is CONNECTION_LOST if it is unknown whether the statement ran:', () => {
  it('the session is terminated', async () => {
    const failure = broken(database, () => endSleepers(postgres.url));
    await expect(failure).resolves.toBe('CONNECTION_LOST');
  });

  it('the session is terminated while it commits', async () => {
    await endSleepers(postgres.url);
    const failure = started(
      prisma.$transaction((tx) => tx.$executeRaw`INSERT INTO slow VALUES (1)`),
    );
    await sleeping(postgres.url);
    await endSleepers(postgres.url);
    await expect(failure).resolves.toBe('CONNECTION_LOST');
  });

  it.each(['reset', 'end'] as const)('the network connection breaks with a %s', async (how) => {
    const { proxy, through } = await throughProxy();
    await expect(broken(through, () => proxy.cut(how))).resolves.toBe('CONNECTION_LOST');
    await expect(failureOfWork(() => through.prisma.$queryRaw`SELECT 1`)).resolves.toBe('NONE');
    // A session does not notice that its client has disconnected, and would keep sleeping.
    await endSleepers(postgres.url);
    await through.close();
    await proxy.close();
  });

  it('the network silently drops everything, after a timeout', async () => {
    const { proxy, through } = await throughProxy({ statementTimeoutMs: 5_000 });
    await expect(broken(through, () => proxy.cut('silence'), 4.5)).resolves.toBe('CONNECTION_LOST');
    await through.close();
    await proxy.close();
  });
});

describe('a failure is SERIALIZATION if another transaction won:', () => {
  it('a deadlock', async () => {
    const meet = meetingOf(2);
    const cross = (first: number, second: number) =>
      started(
        prisma.$transaction(async (tx) => {
          await tx.$executeRaw`UPDATE t SET v = 'x' WHERE id = ${first}`;
          await meet();
          await tx.$executeRaw`UPDATE t SET v = 'y' WHERE id = ${second}`;
        }),
      );
    const failures = await Promise.all([cross(1, 2), cross(2, 1)]);
    expect(failures.toSorted()).toEqual(['NONE', 'SERIALIZATION']);
  });

  it('a serialization failure', async () => {
    // Raised, because transactions here are READ COMMITTED whatever the default.
    const raise = `DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$`;
    await expect(failureOfWork(() => prisma.$executeRawUnsafe(raise))).resolves.toBe(
      'SERIALIZATION',
    );
  });
});

describe('a failure is UNPREPARED if a pooler has lost a prepared statement:', () => {
  it('no statement has that name', async () => {
    const work = () => prisma.$executeRawUnsafe('EXECUTE nothing');
    await expect(failureOfWork(work)).resolves.toBe('UNPREPARED');
  });

  it('a different statement has that name', async () => {
    const work = () =>
      prisma.$transaction(async (tx) => {
        for (const value of [1, 2]) await tx.$executeRawUnsafe(`PREPARE twice AS SELECT ${value}`);
      });
    await expect(failureOfWork(work)).resolves.toBe('UNPREPARED');
  });
});

describe('a failure is TIMEOUT if something took too long and was rolled back:', () => {
  it.each([
    ['a statement', ({ prisma }: Database) => prisma.$queryRaw`SELECT 1 FROM pg_sleep(30)`],
    [
      'a transaction',
      ({ prisma }: Database) =>
        prisma.$transaction(async (tx) => {
          await delay(2_500);
          await tx.$queryRaw`SELECT 1`;
        }),
    ],
  ])('%s', async (_what, work) => {
    const hasty = open(postgres.url, { statementTimeoutMs: 2_000 });
    await expect(failureOfWork(() => work(hasty))).resolves.toBe('TIMEOUT');
  });
});

describe('a failure is LOCK_TIMEOUT if another session keeps a lock', () => {
  it.each<[string, string, Limits]>([
    ['longer than the statement waits', '', { acquireTimeoutMs: 2_000 }],
    ['as long as a statement may take', '', { statementTimeoutMs: 3_000 }],
    ['and the statement does not wait', 'NOWAIT', {}],
  ])('%s', async (_how, orElse, limits) => {
    const { prisma: hasty } = open(postgres.url, limits);
    const failure = prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM t FOR UPDATE`;
      return failureOfWork(() => hasty.$queryRawUnsafe(`SELECT 1 FROM t FOR UPDATE ${orElse}`));
    });
    await expect(failure).resolves.toBe('LOCK_TIMEOUT');
  });
});

describe('other failures', () => {
  it.each([
    ['DATA', 'a unique key', `INSERT INTO t VALUES (1, 'a')`],
    ['DATA', 'a check', `INSERT INTO t VALUES (9, 'bad')`],
    ['DATA', 'a foreign key', 'INSERT INTO child VALUES (9)'],
    ['DATA', 'a null', 'INSERT INTO t VALUES (9, NULL)'],
    ['DATA', 'a malformed number', `SELECT 'x'::int`],
    ['DATA', 'a number out of range', 'SELECT 99999999999::int8::int4'],
    ['DATA', 'a NUL', `SELECT '{"a":"\\u0000"}'::jsonb`],
    ['DATA', 'a long value', `INSERT INTO t SELECT 9, 'x' WHERE repeat('x', 2000000000) = ''`],
    ['REFUSED', 'a read-only database', 'SET TRANSACTION READ ONLY; INSERT INTO t VALUES (9, 1)'],
    ['OTHER', 'a table that does not exist', 'SELECT * FROM nothing'],
    ['OTHER', 'a column that does not exist', 'SELECT nothing FROM t'],
    ['OTHER', 'a mistake in the SQL', 'SELEC 1'],
  ])('%s: %s', async (failure, _what, sql) => {
    const work = () =>
      prisma.$transaction(async (tx) => {
        for (const statement of sql.split('; ')) await tx.$executeRawUnsafe(statement);
      });
    await expect(failureOfWork(work)).resolves.toBe(failure);
  });

  it('OTHER: an error that is not from the database', () => {
    expect(failureOf(new Error('no'))).toBe('OTHER');
    expect(failureOf(undefined)).toBe('OTHER');
  });
});

describe('a server that goes down and comes back', () => {
  it('is used again without a restart of the gateway', async () => {
    const killed = broken(database, () => postgres.kill());
    await expect(killed).resolves.toBe('CONNECTION_LOST');
    await expect(failureOfWork(() => prisma.$queryRaw`SELECT 1`)).resolves.toBe('UNREACHABLE');
    await postgres.start();
    await expect(failureOfWork(() => prisma.$queryRaw`SELECT 1`)).resolves.toBe('NONE');

    const shutDown = broken(database, () => postgres.shutdown());
    await expect(shutDown).resolves.toBe('CONNECTION_LOST');
    await postgres.start();
    await expect(failureOfWork(() => prisma.$queryRaw`SELECT 1`)).resolves.toBe('NONE');
  });
});
