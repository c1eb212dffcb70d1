/** PgBouncer in front of a test's PostgreSQL: Debian's package, or the program named by PGBOUNCER. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withClient } from '../database/connections.js';

export type PoolMode = 'session' | 'transaction' | 'statement';

export interface PgBouncer {
  /** The same database through PgBouncer. */
  urlOf(databaseUrl: string): string;
  stop(): Promise<void>;
}

const PROGRAM = process.env['PGBOUNCER'] ?? '/usr/sbin/pgbouncer';

/** A user to run as, because it refuses to run as root. */
const UNPRIVILEGED = 65_534;

const START_TIMEOUT_MS = 20_000;

/** Whether it supports prepared statements with transaction pooling. */
export function keepsStatements(): boolean {
  const version = execFileSync(PROGRAM, ['--version'], { encoding: 'utf8' });
  const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  return major > 1 || minor >= 21;
}

export async function startPgBouncer(
  serverUrl: string,
  poolMode: PoolMode,
  preparedMax = 100,
): Promise<PgBouncer> {
  const { hostname, port: serverPort, username, password } = new URL(serverUrl);
  const folder = await fs.mkdtemp(join(tmpdir(), 'tollgate-pgbouncer-'));
  const port = await freePort();
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'trust',
    auth_file: join(folder, 'users'),
    pool_mode: poolMode,
    // Few, so that clients constantly share them, but enough for clients that keep a session.
    default_pool_size: poolMode === 'session' ? 60 : 4,
    max_client_conn: 200,
    ...(keepsStatements() && { max_prepared_statements: preparedMax }),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  await fs.writeFile(
    join(folder, 'ini'),
    `[databases]\n* = host=${hostname} port=${serverPort}\n[pgbouncer]\n${lines.join('\n')}\n`,
  );
  await fs.writeFile(settings.auth_file, `"${username}" "${password}"\n`);
  const isRoot = process.getuid?.() === 0;
  for (const path of isRoot ? [folder, join(folder, 'ini'), settings.auth_file] : []) {
    await fs.chown(path, UNPRIVILEGED, UNPRIVILEGED);
  }
  const child = spawn(PROGRAM, [join(folder, 'ini')], {
    stdio: 'ignore',
    ...(isRoot && { uid: UNPRIVILEGED, gid: UNPRIVILEGED }),
  });
  const ended = once(child, 'exit');
  // A test run must leave nothing behind.
  process.once('exit', () => child.kill('SIGKILL'));
  const urlOf = (databaseUrl: string) => {
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${port}`;
    return url.href;
  };
  await untilItAnswers(urlOf(serverUrl));
  return {
    urlOf,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      await fs.rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilItAnswers(url: string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await withClient(url, (client) => client.query('SELECT 1'));
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(50);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}
