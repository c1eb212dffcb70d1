/** Compiles the sources to JavaScript for the processes that tests start, which start twice as fast as with TypeScript. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Laid out like the repository. */
export interface Compiled {
  readonly folder: string;
  remove(): Promise<void>;
}

export async function compile(): Promise<Compiled> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-compiled-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await runCompiler(folder);
    await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
    for (const name of ['node_modules', 'prisma']) {
      await symlink(join(ROOT, name), join(folder, name));
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, remove };
}

/** Without checking types, which `npm run check` does. */
async function runCompiler(folder: string): Promise<void> {
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    noCheck: true,
    rootDir: ROOT,
    outDir: folder,
    typeRoots: [join(ROOT, 'node_modules/@types')],
  };
  const include = ['src', 'test/support'].map((name) => join(ROOT, name));
  await writeFile(
    config,
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, include }),
  );
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
  const compiler = join(dirname(manifest), 'bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', config]);
}
