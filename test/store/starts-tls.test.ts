/** sslmode means what it means in libpq, whatever certificate the server has, and a refusal is one message. */
import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../../src/store/database.js';
import { GuardedSocket } from '../../src/store/sockets.js';
import { connect } from '../support/database/connections.js';
import { createDatabaseOn } from '../support/database/databases.js';
import { runCommand } from '../support/gateway/command.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';
import { messageOf, refusalsOf, run } from '../support/gateway/starts.js';
import { certified, type Identity, selfSigned } from '../support/postgres/certificate.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';

const SERVER = { name: 'database', address: '127.0.0.1' };

let postgres: TestPostgres;
let url: string;
let folder: string;

beforeAll(async () => {
  postgres = await startPostgres({ own: true });
  ({ url } = await createDatabaseOn(postgres.url));
  folder = await mkdtemp(join(tmpdir(), 'tollgate-tls-'));
});

afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Makes the server use this certificate. */
async function show({ certificate, key }: Identity): Promise<void> {
  const data = postgres.dataDirectory ?? '';
  const { uid, gid } = await stat(data);
  for (const [name, text] of [
    ['server.crt', certificate],
    ['server.key', key],
  ] as const) {
    await writeFile(join(data, name), text, { mode: 0o600 });
    await chown(join(data, name), uid, gid);
  }
  await run(url, 'ALTER SYSTEM SET ssl = on', 'SELECT pg_reload_conf()');
  await until(async () => {
    const client = await connect(url, { ssl: { rejectUnauthorized: false } });
    await client.end();
  });
}

/** Retries, because the server reloads its settings asynchronously. */
async function until(works: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await works();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await run(url, 'SELECT pg_sleep(0.05)');
    }
  }
}

async function authorityFile(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const withMode = (mode: string, rootcert?: string) =>
  `${url}?sslmode=${mode}${rootcert === undefined ? '' : `&sslrootcert=${rootcert}`}`;

/** Whether Tollgate's connections are encrypted. */
async function isEncrypted(DATABASE_URL: string): Promise<boolean> {
  await run(url, 'CREATE TABLE IF NOT EXISTS seen (ssl boolean)', 'TRUNCATE seen');
  const database = openDatabase({
    address: { connectionString: DATABASE_URL },
    poolMax: 1,
    readPoolMax: 1,
    ...PATIENT_DATABASE,
    onIdleError: () => undefined,
  });
  const { rows } = await database.pool.query({
    text: 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    values: [],
  });
  await database.close();
  return rows[0].ssl;
}

describe('a server with a self-signed certificate', () => {
  beforeAll(() => show(selfSigned(SERVER)));

  it.each([
    ['disable', false],
    ['allow', true],
    ['prefer', true],
    ['require', true],
    ['no-verify', true],
  ])('is accepted with sslmode=%s', async (mode, encrypted) => {
    expect(await refusalsOf({ DATABASE_URL: withMode(mode) })).toEqual([]);
    expect(await isEncrypted(withMode(mode))).toBe(encrypted);
  });

  it('causes no warning from a dependency', async () => {
    for (const mode of ['prefer', 'require', 'no-verify']) {
      const environment = { DATABASE_URL: withMode(mode) };
      const ended = await runCommand('commands/migrate.ts', [], environment);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it('is refused with sslmode=verify-full, at once and with a message', async () => {
    const printed = await messageOf({
      DATABASE_URL: withMode('verify-full'),
      // A start that waited for this would take longer than the test may.
      DATABASE_WAIT_MS: '600000',
    });
    expect(printed).toMatch(
      /certificate that is not trusted: .*sslmode=disable .* require .*verify-ca/,
    );
  });

  it.each(['require', 'verify-ca', 'verify-full'])(
    'is refused with sslmode=%s and another authority',
    async (mode) => {
      const rootcert = await authorityFile('other.pem', certified(SERVER).authority);
      const printed = await messageOf({ DATABASE_URL: withMode(mode, rootcert) });
      expect(printed).toMatch(/certificate that is not trusted/);
    },
  );

  it('is not asked with an invalid key file', async () => {
    const garbage = await authorityFile('garbage.pem', 'not a key');
    const DATABASE_URL = `${withMode('require')}&sslcert=${garbage}&sslkey=${garbage}`;
    expect(await messageOf({ DATABASE_URL })).toMatch(/is not valid PEM: .* sslcert or sslkey /);
  });

  it('that requires TLS is reported as such', async () => {
    const role = 'only_encrypted';
    await run(url, `CREATE ROLE ${role} LOGIN PASSWORD 'x' IN ROLE pg_read_all_data`);
    await run(url, 'CREATE TABLE hba (line text)');
    const file = join(postgres.dataDirectory ?? '', 'pg_hba.conf');
    const { readFile } = await import('node:fs/promises');
    const before = await readFile(file, 'utf8');
    await writeFile(file, `hostnossl all ${role} all reject\n${before}`);
    await run(url, 'SELECT pg_reload_conf()');
    const address = new URL(url);
    address.username = role;
    address.password = 'x';
    await until(async () => {
      const printed = await refusalsOf({ DATABASE_URL: address.href });
      if (!/no encryption/.test(printed.join())) throw new Error(printed.join());
    });
    const printed = await messageOf({ DATABASE_URL: address.href });
    expect(printed).toMatch(/sslmode=require asks for TLS/);
  });
});

describe('a server whose certificate is signed by an authority', () => {
  it('is accepted with sslmode=verify-full, verify-ca and require', async () => {
    const { authority, ...identity } = certified(SERVER);
    await show(identity);
    const rootcert = await authorityFile('authority.pem', authority);
    for (const mode of ['verify-full', 'verify-ca', 'require']) {
      expect(await refusalsOf({ DATABASE_URL: withMode(mode, rootcert) })).toEqual([]);
      expect(await isEncrypted(withMode(mode, rootcert))).toBe(true);
    }
  });

  it('is refused if the certificate is for another address, except with verify-ca', async () => {
    const { authority, ...identity } = certified({ ...SERVER, address: '10.1.2.3' });
    await show(identity);
    const rootcert = await authorityFile('moved.pem', authority);
    const printed = await messageOf({ DATABASE_URL: withMode('verify-full', rootcert) });
    expect(printed).toMatch(/certificate that is not trusted: .*127\.0\.0\.1/);
    expect(await refusalsOf({ DATABASE_URL: withMode('verify-ca', rootcert) })).toEqual([]);
  });

  it('is refused if the certificate has expired', async () => {
    const { authority, ...identity } = certified({ ...SERVER, isExpired: true });
    await show(identity);
    const rootcert = await authorityFile('expired.pem', authority);
    const printed = await messageOf({ DATABASE_URL: withMode('verify-full', rootcert) });
    expect(printed).toMatch(/certificate that is not trusted: certificate has expired/);
  });
});

it('a file that is missing for a moment fails the calls of that moment, and nothing else', async () => {
  const { authority, ...identity } = certified(SERVER);
  await show(identity);
  const rootcert = await authorityFile('rotated.pem', authority);
  const watched = vi.spyOn(GuardedSocket.prototype, 'setTimeout');
  const database = openDatabase({
    address: { connectionString: withMode('verify-full', rootcert) },
    poolMax: 1,
    readPoolMax: 1,
    ...PATIENT_DATABASE,
    onIdleError: () => undefined,
  });
  const { pool } = database;
  const { rows } = await pool.query({ text: 'SELECT pg_backend_pid() AS pid', values: [] });
  // While one runs and another one waits, the pool connects anew in an event of the socket.
  const running = pool.query({ text: 'SELECT pg_sleep(600)', values: [] });
  const waiting = pool.query({ text: 'SELECT 1', values: [] });
  const outcomes = Promise.allSettled([running, waiting]);
  await rm(rootcert);
  await run(url, `SELECT pg_terminate_backend(${rows[0].pid})`);
  const [, waited] = await outcomes;
  expect(waited).toMatchObject({ status: 'rejected', reason: { name: 'NoConnectionError' } });
  await authorityFile('rotated.pem', authority);
  await pool.query({ text: 'SELECT 1', values: [] });
  await database.close();
  // One that is left would time out half a minute later, which would end the process.
  const sockets = watched.mock.contexts as GuardedSocket[];
  const areGone = () => sockets.every(({ destroyed }) => destroyed);
  await expect.poll(areGone, { timeout: 20_000 }).toBe(true);
  watched.mockRestore();
});
