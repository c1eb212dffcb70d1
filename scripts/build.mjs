/**
 * Builds dist/ from src/. With `--if-needed`, only where the sources have changed since: that is
 * what `npm start` and the commands do first, and it takes a few milliseconds when there is
 * nothing to do. Plain JavaScript, because it runs before anything is compiled; it prints to
 * stderr, because the output of `npm run -s keys -- create` is a secret and nothing else.
 */
import './node-version.js';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(ROOT, 'dist/.sources');
const INPUTS = ['src', 'prisma/schema.prisma', 'package.json', 'tsconfig.json'];
const GENERATED = join(ROOT, 'src/generated');

const ifNeeded = process.argv.includes('--if-needed');
if (!ifNeeded || !isCurrent()) build();

function isCurrent() {
  if (!existsSync(join(ROOT, 'dist/main.js'))) return false;
  // Installed for production: what was built is all there is.
  if (!canBuild()) return true;
  return existsSync(GENERATED) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digest();
}

function canBuild() {
  return existsSync(join(ROOT, 'src')) && ['typescript', 'prisma'].every(isInstalled);
}

function isInstalled(name) {
  return existsSync(join(ROOT, 'node_modules', name, 'package.json'));
}

function build() {
  if (!canBuild()) {
    console.error('The program is not built, and what builds it is not installed: run `npm ci`.');
    process.exit(1);
  }
  console.error('Building Tollgate...');
  const sources = digest();
  // Not a trace of files that are gone from the sources.
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  run('prisma', 'generate', '--no-hints');
  run('typescript', '-p', 'tsconfig.build.json');
  // Saves a newcomer's first start some seconds; a first start that builds would lose them here.
  if (!ifNeeded) execute(join(ROOT, 'dist/store/embedded/make-template.js'));
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(STAMP, sources);
}

/** Names, sizes and times of all that goes into the build. */
function digest() {
  const hash = createHash('sha256');
  for (const input of INPUTS) addTo(hash, join(ROOT, input));
  return hash.digest('hex');
}

function addTo(hash, path) {
  if (path === GENERATED) return;
  const { size, mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) {
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
    return;
  }
  for (const name of readdirSync(path).sort()) addTo(hash, join(path, name));
}

/** A package's command, without npx, which would look for it on the network. */
function run(name, ...args) {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`${name}/package.json`);
  const { bin } = require(manifest);
  execute(join(manifest, '..', typeof bin === 'string' ? bin : Object.values(bin)[0]), ...args);
}

function execute(script, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    // No look for newer versions of Prisma, which a machine without the internet waits for.
    env: { ...process.env, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`);
  console.error(`The build failed: ${[script, ...args].join(' ')}`);
  process.exit(1);
}
