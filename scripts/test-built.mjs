/**
 * Runs the built program as a user has it: in a folder with nothing but dist/, prisma/ and the
 * production dependencies. It starts, answers a first trackBalance, ends, starts again, and its
 * audit is clean.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const START_MAX_MS = 60_000;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tollgate-built-'));
const env = { ...process.env, DATA_DIR: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'warn' };
delete env['DATABASE_URL'];

try {
  for (const name of ['package.json', 'package-lock.json', 'dist', 'prisma']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  const shell = process.platform === 'win32';
  const npm = 'ci --omit=dev --omit=optional --omit=peer --ignore-scripts'.split(' ');
  const installed = spawnSync('npm', npm, { cwd: folder, stdio: 'inherit', shell });
  check(installed.status === 0, 'the production dependencies are installed');

  const first = await start();
  const [secret] = /tg_sk_[\w-]{43}/.exec(first.said) ?? [];
  check(secret !== undefined, 'the first start shows a secret');
  const answer = await track(first.origin, secret);
  check(answer.data?.trackBalance.balance?.remaining === 9_999, JSON.stringify(answer));
  const page = await fetch(`${first.origin}/graphql`, { headers: { accept: 'text/html' } });
  check(page.ok && (await page.text()).includes('<script>'), 'GraphiQL is served');
  await stop(first);

  const second = await start();
  check(!second.said.includes('tg_sk_'), 'the second start shows no secret');
  const next = await track(second.origin, secret);
  check(next.data?.trackBalance.balance?.remaining === 9_998, JSON.stringify(next));
  await stop(second);

  const audit = spawnSync(process.execPath, ['dist/commands/audit.js'], { cwd: folder, env });
  check(audit.status === 0, String(audit.stderr));
  console.log('The built program runs with its production dependencies alone.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function check(holds, what) {
  if (!holds) throw new Error(`not so: ${what}`);
}

async function start() {
  const begin = performance.now();
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`it does not start: ${said}`)), START_MAX_MS).unref();
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
    child.stdout.on('data', (data) => {
      said += data;
      if (/#key=|GraphiQL: /.test(said)) resolve();
    });
  });
  console.log(`Started in ${Math.round(performance.now() - begin)} ms.`);
  child.removeAllListeners('exit');
  return { child, said, origin: /http:\/\/[^/]+/.exec(said)[0] };
}

async function stop({ child }) {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  // SIGTERM would wait for a load balancer to notice.
  child.kill('SIGINT');
  check((await ended) === 0, 'it ends with exit code 0');
}

async function track(origin, secret) {
  const query = `mutation { trackBalance(input: { customerId: "acme", featureId: "api_calls" }) {
    ... on TrackBalancePayload { balance { remaining } } ... on Error { code message } } }`;
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify({ query }),
  });
  return response.json();
}
