/** docs/reservations.md, followed step by step and to the letter. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Block, blocksOf } from '../support/client/page-examples.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const BLOCKS = await blocksOf('reservations.md');
const run = promisify(execFile);

let gateway: TestGateway;
let folder: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'tokens' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'tokens', granted: 10_000 }],
  });
  folder = await mkdtemp(join(tmpdir(), 'tollgate-reservations-'));
});
afterAll(async () => {
  await gateway?.close();
  await rm(folder, { recursive: true, force: true });
});

it('every step gives the answer that the page shows', async () => {
  const languages = BLOCKS.map(({ language }) => language);
  expect(languages).toEqual([
    'graphql',
    'graphql',
    'sh',
    'graphql',
    'ts',
    ...Array.from({ length: 4 }, () => 'graphql'),
  ]);
  for (const block of BLOCKS) {
    expect(JSON.parse(await follow(block)), block.text).toEqual(JSON.parse(block.output ?? ''));
  }
});

async function follow({ language, text }: Block): Promise<string> {
  if (language === 'graphql') {
    const { data } = await gateway.execute(text);
    return JSON.stringify({ data });
  }
  const script = text.replaceAll('http://127.0.0.1:4000', gateway.origin);
  const file = join(folder, language === 'ts' ? 'example.mts' : 'example.sh');
  await writeFile(file, script);
  return language === 'ts'
    ? output(process.execPath, ['--import', 'tsx', file])
    : output('bash', [file]);
}

async function output(command: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, TOLLGATE_KEY: gateway.secret, NO_PROXY: '*' };
  return (await run(command, [...args], { env })).stdout;
}
