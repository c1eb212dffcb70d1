/** A copy of the project in which mistakes are made, one at a time. */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutate, type Outcome } from './mutant.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const COPIED = [
  'src',
  'test',
  'prisma',
  'docs',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'prisma.config.ts',
  'codegen.ts',
  'schema.graphql',
  'subgraph.graphql',
  'README.md',
  'compose.yaml',
  'Dockerfile',
];

/** Much longer than the slowest test takes on a busy machine. */
const TIMEOUT_MS = 3 * 60_000;

export interface Sandbox {
  /** Runs the tests of a mistake file by file until one notices it; then undoes the mistake. */
  try(mutant: Mutant): Promise<Run>;
  /** Runs a test file without any mistake. */
  check(test: string): Promise<Run>;
  remove(): Promise<void>;
}

export interface Run {
  readonly outcome: Outcome;
  /** The test file that ran last. */
  readonly test: string;
  /** What it printed. */
  readonly output: string;
}

/** `postgresUrl` is undefined if no test needs a database. */
export async function createSandbox(postgresUrl: string | undefined): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-mutants-'));
  for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const check = (test: string) => runTest(folder, test, postgresUrl);
  return {
    async try(mutant) {
      const path = join(folder, mutant.file);
      const text = await readFile(path, 'utf8');
      await writeFile(path, mutate(text, mutant));
      try {
        let last: Run = { outcome: 'SURVIVED', test: '', output: '' };
        for (const test of mutant.tests) {
          last = await check(test);
          if (last.outcome !== 'SURVIVED') break;
        }
        return last;
      } finally {
        await writeFile(path, text);
      }
    },
    check,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function runTest(
  folder: string,
  test: string,
  postgresUrl: string | undefined,
): Promise<Run> {
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  // By project, because some files belong to two projects.
  const project = test.slice(0, test.indexOf('/'));
  const args = [vitest, 'run', '--project', project, '--bail', '1', `test/${test}`];
  const url = postgresUrl === undefined ? {} : { TEST_DATABASE_URL: postgresUrl };
  const { code, output } = await runNode(args, folder, { ...process.env, ...url, NO_COLOR: '1' });
  return { outcome: outcomeOf(code, output), test, output };
}

function outcomeOf(code: number | null, output: string): Outcome {
  if (code === null) return 'TIMED_OUT';
  if (code === 0) return 'SURVIVED';
  // If the file does not even load, its tests have not run.
  return /^ *Tests +\d+ failed/m.test(output) ? 'KILLED' : 'BROKEN';
}

interface Ended {
  /** Null if it was killed because it took too long. */
  readonly code: number | null;
  readonly output: string;
}

function runNode(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  // A separate process group, so that everything that a test has started ends with it.
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const killGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The whole group has ended already.
    }
  };
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup();
    }, TIMEOUT_MS);
    child.once('error', reject);
    child.once('exit', () => clearTimeout(timer));
    child.once('close', (code) => {
      killGroup();
      resolve({ code: timedOut ? null : (code ?? 1), output });
    });
  });
}
