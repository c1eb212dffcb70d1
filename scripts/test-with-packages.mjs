/**
 * Runs a project of tests that needs packages which nothing else needs: `node scripts/test-with-packages.mjs PROJECT`, with
 * further arguments for Vitest. The packages are installed first unless they are there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** By project. Each folder is a package of its own. */
const FOLDERS = {
  federation: ['test/federation', 'examples/supergraph'],
  manifests: ['test/manifests'],
};

const [project, ...more] = process.argv.slice(2);
const ready = FOLDERS[project].every((folder) => isInstalled(folder) || install(folder));
const vitest = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', project];
process.exitCode = ready ? run(process.execPath, [...vitest, ...more], ROOT) : 1;

function isInstalled(folder) {
  const installed = installedLock(folder);
  return existsSync(installed) && readFileSync(installed, 'utf8') === lockOf(folder);
}

function install(folder) {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  if (run('npm', args, join(ROOT, folder)) !== 0) return false;
  writeFileSync(installedLock(folder), lockOf(folder));
  return true;
}

function lockOf(folder) {
  return readFileSync(join(ROOT, folder, 'package-lock.json'), 'utf8');
}

function installedLock(folder) {
  return join(ROOT, folder, 'node_modules/.installed-lock.json');
}

function run(command, args, cwd) {
  const shell = process.platform === 'win32';
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit', shell });
  if (error !== undefined) console.error(error.message);
  return status ?? 1;
}
