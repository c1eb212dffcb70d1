/** A PostgreSQL from the distribution's packages, which has all of its own tools, such as pg_dump. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startWatchdog } from './postgres-process.js';

const run = promisify(execFile);

/** An account that exists everywhere, because PostgreSQL refuses to run as root. */
const UNPRIVILEGED = 65_534;

const HOME = '/usr/lib/postgresql';

export interface DebianServer {
  /** The folder that everything of the test is in, and that the server can write to. */
  readonly folder: string;
  /** The data folder of a server. Only one is started at a time. */
  readonly data: string;
  urlOf(database: string): string;
  /** Runs one of PostgreSQL's programs, or another one, as the server's user. */
  run(program: string, ...args: readonly string[]): Promise<string>;
  start(data: string): Promise<void>;
  stop(data: string, mode: 'fast' | 'immediate'): Promise<void>;
  /** Stops it and removes everything. */
  remove(): Promise<void>;
}

/** Creates a cluster with these settings, and starts it. */
export async function startDebianServer(
  settings: (folder: string) => readonly string[],
): Promise<DebianServer> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'tg-deb-'));
  const user = process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  if ('uid' in user) await fs.chown(folder, UNPRIVILEGED, UNPRIVILEGED);
  const watchdog = startWatchdog(folder);
  const newest = readdirSync(HOME).toSorted((left, right) => Number(right) - Number(left))[0];
  const bin = join(HOME, newest ?? 'none', 'bin');
  const data = join(folder, 'data');
  const execute = async (program: string, ...args: readonly string[]) => {
    const path = program.startsWith('/') ? program : join(bin, program);
    // Only through the socket, in a folder that other users cannot enter.
    const env = {
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      TZ: 'UTC',
      PGHOST: folder,
      PGUSER: 'postgres',
    };
    const { stdout } = await run(path, args, { cwd: folder, env, ...user });
    return stdout;
  };
  const server: DebianServer = {
    folder,
    data,
    urlOf: (database) => `postgresql://postgres@localhost/${database}?host=${folder}`,
    run: execute,
    start: async (at) => {
      await execute('pg_ctl', '-D', at, '-w', '-l', join(folder, 'log'), 'start');
      watchdog.watch(Number(readFileSync(join(at, 'postmaster.pid'), 'utf8').split('\n')[0]));
    },
    stop: async (at, mode) => {
      watchdog.watch(undefined);
      await execute('pg_ctl', '-D', at, '-w', '-m', mode, 'stop');
    },
    remove: async () => {
      await fs.rm(folder, { recursive: true, force: true });
      watchdog.dismiss();
    },
  };
  await execute(
    'initdb',
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  );
  const lines = ["listen_addresses = ''", `unix_socket_directories = '${folder}'`, 'fsync = off'];
  const all = [...lines, ...settings(folder)];
  await fs.appendFile(join(data, 'postgresql.conf'), `${all.join('\n')}\n`);
  await server.start(data);
  return server;
}
