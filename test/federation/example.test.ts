/** "Add Tollgate to your supergraph" in docs/federation.md, followed as written. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';
import { freePort } from '../support/federation/programs.js';
import { runCommand } from '../support/gateway/command.js';
import { startTollgate, type Tollgate } from '../support/gateway/gateway-process.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = await readFile(new URL('../../docs/federation.md', import.meta.url), 'utf8');
const [SECTION = ''] = /## Add Tollgate to your supergraph\n.*?\n(?=## )/s.exec(PAGE) ?? [];
const [START, INSTALL, RUN] = [...SECTION.matchAll(/^ {4}(\S.*)$/gm)].map(([, line]) => line);

let database: TestDatabase;
let tollgate: Tollgate;
let secret: string;

beforeAll(async () => {
  database = await createEmptyDatabase();
  const settings = { DATABASE_URL: database.url };
  // What the first start on the embedded default does by itself.
  secret = (await runCommand('commands/demo.ts', [], settings)).stdout.trim();
  expect(START).toBe('SUBGRAPH=on npm start');
  tollgate = await startTollgate({ ...settings, SUBGRAPH: 'on' });
});
afterAll(async () => {
  await tollgate.stop();
  await database.drop();
});

it('composes and serves both subgraphs, and answers as the page shows', async () => {
  // scripts/test-with-packages.mjs has run it.
  expect(INSTALL).toBe('npm ci --prefix examples/supergraph');
  expect(RUN).toBe('TOLLGATE_KEY=tg_sk_... npm start --prefix examples/supergraph');
  const port = String(await freePort());
  const child = spawn(process.execPath, ['start.js'], {
    cwd: `${ROOT}/examples/supergraph`,
    env: {
      ...process.env,
      TOLLGATE_KEY: secret,
      TOLLGATE_URL: `${tollgate.origin}/subgraph`,
      ACCOUNTS_PORT: '0',
      PORT: port,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [said] = await once(child.stdout.setEncoding('utf8'), 'data');
    expect(said).toBe(`The supergraph listens on http://127.0.0.1:${port}/graphql\n`);
    const [, command = ''] = /```sh\n(.*?)```/s.exec(SECTION) ?? [];
    const [, answer = ''] = /```json\n(.*?)```/s.exec(SECTION) ?? [];
    const here = command.replace('127.0.0.1:4100', `127.0.0.1:${port}`);
    const { stdout } = await promisify(execFile)('bash', ['-c', here]);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(answer));
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

it.each<[string, () => Promise<object>, RegExp]>([
  ['a key that is not accepted', async () => ({}), /Send a valid key/],
  [
    'a Tollgate without a subgraph',
    async () => ({ TOLLGATE_URL: `${tollgate.origin}/elsewhere` }),
    /Nothing is served under this path/,
  ],
  [
    'no Tollgate',
    async () => ({ TOLLGATE_URL: `http://127.0.0.1:${await freePort()}/subgraph` }),
    /cannot be reached .* Is it running\?/,
  ],
])('with %s, it ends with one sentence', async (_what, settings, sentence) => {
  const TOLLGATE_URL = `${tollgate.origin}/subgraph`;
  const env = { ...process.env, TOLLGATE_KEY: 'tg_sk_wrong', ACCOUNTS_PORT: '0', PORT: '0' };
  const child = execFile(process.execPath, ['start.js'], {
    cwd: `${ROOT}/examples/supergraph`,
    env: { ...env, TOLLGATE_URL, ...(await settings()) },
  });
  const [said, [code]] = await Promise.all([
    child.stderr ? text(child.stderr) : '',
    once(child, 'exit'),
  ]);
  expect(code).toBe(1);
  expect(said).toMatch(sentence);
  expect(said.trim().split('\n')).toHaveLength(1);
});
