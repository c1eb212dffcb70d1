/** Builds an earlier state of Tollgate from the history of this repository. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What a build needs. */
const PARTS = ['src', 'prisma', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'];
const MORE_PARTS = ['tsconfig.build.json', 'prisma.config.ts', 'schema.graphql'];

const run = promisify(execFile);

export interface ReleasedBuild {
  /** Laid out like the repository, with `dist`. */
  readonly folder: string;
  /** What its gateways serve, as SDL. */
  readonly schema: string;
  remove(): Promise<void>;
}

/** Why it cannot be built here, or null if it can: a shallow copy of the repository lacks its history. */
export async function whyNotBuilt(commit: string): Promise<string | null> {
  try {
    await git('cat-file', '-e', `${commit}^{tree}`);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export async function buildReleased(commit: string): Promise<ReleasedBuild> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-released-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const archive = join(folder, 'sources.tar');
    await git('archive', '--output', archive, commit, ...PARTS, ...MORE_PARTS);
    await run('tar', ['-xf', archive, '-C', folder]);
    await install(folder);
    await run(process.execPath, ['scripts/build.mjs', '--if-needed'], { cwd: folder });
    return { folder, remove, schema: await readFile(join(folder, 'schema.graphql'), 'utf8') };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What is installed here, if that includes all that it had been built with. */
async function install(folder: string): Promise<void> {
  const [then, now] = [await versionsIn(folder), await versionsIn(ROOT)];
  const differing = [...then].filter(([path, version]) => now.get(path) !== version);
  if (differing.length === 0)
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  else await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
}

async function versionsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version?: string }>>;
  };
  const found = Object.entries(lock.packages).filter(([path]) => path !== '');
  return new Map(found.map(([path, { version = '' }]) => [path, version]));
}

/** In a container, the repository may belong to another user, which git refuses unless told. */
async function git(...args: readonly string[]): Promise<void> {
  if (!existsSync(join(ROOT, '.git'))) throw new Error('this is not a git repository');
  await run('git', ['-c', 'safe.directory=*', ...args], { cwd: ROOT });
}
