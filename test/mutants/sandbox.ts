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
  'README.md',
  'compose.yaml',
  'Dockerfile',
];

/** Far beyond what the slowest of the tests takes on a busy machine. */
const TIMEOUT_MS = 5 * 60_000;

export interface Sandbox {
  /** Whether the tests notice the mistake; the copy is as it was afterwards. */
  try(mutant: Mutant): Promise<Outcome>;
  /** Runs test files without any mistake; gives what they print where they fail. */
  check(tests: readonly string[]): Promise<string | null>;
  remove(): Promise<void>;
}

export async function createSandbox(postgresUrl: string): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-mutants-'));
  for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const run = (tests: readonly string[]) => runTests(folder, tests, postgresUrl);
  return {
    async try(mutant) {
      const path = join(folder, mutant.file);
      const text = await readFile(path, 'utf8');
      await writeFile(path, mutate(text, mutant));
      try {
        return (await run(mutant.tests)).outcome;
      } finally {
        await writeFile(path, text);
      }
    },
    async check(tests) {
      const { outcome, output } = await run(tests);
      return outcome === 'SURVIVED' ? null : output;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

interface Run {
  readonly outcome: Outcome;
  readonly output: string;
}

function runTests(folder: string, tests: readonly string[], postgresUrl: string): Promise<Run> {
  const files = tests.map((test) => `test/${test}`);
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--bail', '1', ...files], {
    cwd: folder,
    env: { ...process.env, TEST_DATABASE_URL: postgresUrl, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what a test has started ends with it.
    detached: true,
  });
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
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, TIMEOUT_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      if (timedOut) resolve({ outcome: 'TIMED_OUT', output });
      else resolve({ outcome: code === 0 ? 'SURVIVED' : 'KILLED', output });
    });
  });
}
