/**
 * Runs tests on another major version of Node, which the npm package `node` brings:
 * `npm run test:node -- 22`, with more arguments for Vitest behind the version
 * (`--project node`: only what depends on Node). Installed into a temporary folder, because
 * nothing else of the project needs it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ALL = ['unit', 'store', 'graphql'].flatMap((name) => ['--project', name]);

const [version, ...args] = process.argv.slice(2);
const projects = args.includes('--project') ? [] : ALL;
if (version === undefined || !/^\d+(\.\d+){0,2}$/.test(version)) {
  console.error('Name a version of Node: npm run test:node -- 22');
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'tollgate-node-'));
try {
  const node = join(folder, 'node_modules/node/bin/node');
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH']}` };
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const installed =
    run('npm', ['install', '--no-save', '--no-audit', '--no-fund', `node@${version}`], folder) &&
    run(node, ['--version'], ROOT);
  if (installed) run(node, [vitest, 'run', ...projects, ...args], ROOT, env);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args, cwd, env = process.env) {
  const { status, error } = spawnSync(command, args, { cwd, env, stdio: 'inherit' });
  if (error !== undefined) console.error(error.message);
  if (status !== 0) process.exitCode = 1;
  return status === 0;
}
