/** docs/clients.md: its files are saved and compiled, and its examples are run, as they are. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DroppingProxy, startDroppingProxy } from '../support/client/dropping-proxy.js';
import { type Block, blocksOf } from '../support/client/page-examples.js';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BLOCKS = await blocksOf('clients.md');
const EXAMPLES = BLOCKS.filter(({ output }) => output !== null).map((block) => ({
  name: block.file ?? block.language,
  block,
}));

/** What the page tells its readers to install, and nothing of this project's own settings. */
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    skipLibCheck: true,
    rootDir: 'src',
    outDir: 'dist',
  },
  include: ['src'],
};

interface Done {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let gateway: TestGateway;
let proxy: DroppingProxy;
let project: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  proxy = await startDroppingProxy(gateway.origin);
  await setUp(gateway, {
    features: [{ featureId: 'api_calls' }],
    customers: [{ customerId: 'acme' }],
    balances: [{ customerId: 'acme', featureId: 'api_calls', granted: 1_000 }],
  });
  project = await mkdtemp(join(tmpdir(), 'tollgate-clients-'));
  await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  await copyFile(join(ROOT, 'schema.graphql'), join(project, 'schema.graphql'));
  await save('package.json', JSON.stringify({ type: 'module' }));
  await save('tsconfig.json', JSON.stringify(TSCONFIG));
  for (const { file, text } of BLOCKS) {
    if (file !== null) await save(file, text.replaceAll('http://127.0.0.1:4000', proxy.origin));
  }
  await save('src/read-balances.ts', READ_BALANCES);
});
afterAll(async () => {
  await proxy?.close();
  await gateway?.close();
  if (project !== undefined) await rm(project, { recursive: true, force: true });
});

async function save(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, file)), { recursive: true });
  await writeFile(join(project, file), text);
}

function run(command: string, args: readonly string[], key = gateway.secret): Promise<Done> {
  const env = { ...process.env, TOLLGATE_KEY: key, NO_PROXY: '*' };
  return new Promise((resolve) => {
    execFile(command, [...args], { cwd: project, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, stdout, stderr });
    });
  });
}

const tool = (name: string, ...args: string[]) => run(join(ROOT, 'node_modules/.bin', name), args);

function follow({ file, text }: Block, key?: string): Promise<Done> {
  if (file === null) {
    return run('bash', ['-c', text.replaceAll('http://127.0.0.1:4000', proxy.origin)], key);
  }
  return run(process.execPath, [file.replace(/^src/, 'dist').replace(/ts$/, 'js')], key);
}

/** Compares types: what the page promises a client. */
const READ_BALANCES = `
import type { ReadBalancesQuery } from './gql/graphql.js';
import type { BalancesTrackInput } from './gql/graphql.js';
import { graphql } from './gql/index.js';
import { TrackUsage } from './track-usage.js';

export const ReadBalances = graphql(\`
  query ReadBalances {
    customer(customerId: "acme") {
      id
      metadata
      createdAt
      balances { feature { type } remaining nextResetAt }
    }
  }
\`);

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Customer = NonNullable<ReadBalancesQuery['customer']>;
type Read = Customer['balances'][number];
export const promised: [
  Same<Customer['id'], string>,
  Same<Customer['metadata'], unknown>,
  Same<Customer['createdAt'], string>,
  Same<Read['remaining'], number>,
  Same<Read['nextResetAt'], string | null>,
  Same<Read['feature']['type'], 'BOOLEAN' | 'CONSUMABLE' | 'CONTINUOUS' | 'CREDIT_SYSTEM'>,
] = [true, true, true, true, true, true];

export const input: BalancesTrackInput = { customerId: 'acme', properties: { model: 'm', tokens: 3 } };
// @ts-expect-error: properties are an object
export const noObject: BalancesTrackInput = { customerId: 'acme', properties: 'text' };
// @ts-expect-error: a customer is needed
export const noCustomer: BalancesTrackInput = { featureId: 'api_calls' };
export { TrackUsage };
`;

describe('generated types', () => {
  it('the configuration on the page is the file that can be copied', async () => {
    const file = await readFile(join(ROOT, 'docs/clients/codegen.ts'), 'utf8');
    expect(BLOCKS.find((block) => block.file === 'codegen.ts')?.text).toBe(file);
  });

  it('the generator accepts the configuration and the operations', async () => {
    const { code, stdout, stderr } = await tool('graphql-codegen', '--config', 'codegen.ts');
    expect(code, stdout + stderr).toBe(0);
  });

  it('everything compiles in strict mode, with the types that the page promises', async () => {
    const { code, stdout } = await tool('tsc', '-p', '.');
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });

  it.each([
    ['a refusal', /^ *case 'EventNameNotFoundError':\n/m],
    ['the payload', /^ *case 'TrackBalancePayload': \{.*?^ {4}\}\n/ms],
  ])('a switch that forgets %s does not compile', async (_what, lines) => {
    const whole = await readFile(join(project, 'src/track-usage.ts'), 'utf8');
    const without = whole.replace(lines, '');
    expect(without).not.toBe(whole);
    try {
      await save('src/track-usage.ts', without);
      const { code, stdout } = await tool('tsc', '-p', '.', '--noEmit');
      expect(code).not.toBe(0);
      expect(stdout).toMatch(/track-usage\.ts.*not assignable to parameter of type 'never'/);
    } finally {
      await save('src/track-usage.ts', whole);
    }
  });
});

/** What a gateway answers if it cannot know, and what it answers under load. */
const retryable = (code: string, headers: Readonly<Record<string, string>> = {}) => ({
  status: 503,
  headers,
  json: { errors: [{ message: code, extensions: { code, retryable: true } }] },
});

describe.each(EXAMPLES)('the example $name', ({ block }) => {
  const shown = block.language === 'sh' ? JSON.parse(block.output ?? '') : block.output;
  const outputOf = ({ stdout }: Done) => (block.language === 'sh' ? JSON.parse(stdout) : stdout);

  it.each([
    ['its first answer is lost', undefined],
    ['the outcome is unknown at first', retryable('OUTCOME_UNKNOWN')],
    ['the gateway is overloaded at first', retryable('OVERLOADED')],
  ])('prints what the page shows although %s', async (_trouble, instead) => {
    const before = proxy.heads.length;
    proxy.drop(1, instead);
    const done = await follow(block);
    expect(done.stderr).toBe('');
    expect(outputOf(done)).toEqual(shown);
    expect(proxy.heads.length - before).toBe(2);
  });

  it('is repeated no earlier than the gateway says', async () => {
    const before = proxy.arrivals.length;
    proxy.drop(1, retryable('OVERLOADED', { 'retry-after': '2' }));
    const done = await follow(block);
    expect(done.stderr).toBe('');
    expect(outputOf(done)).toEqual(shown);
    const [first = 0, second = 0] = proxy.arrivals.slice(before);
    // Timers of a process can be a moment early.
    expect(second - first).toBeGreaterThan(1_990);
  });

  it('charges once, whatever was lost', async () => {
    const key = /request-\d+/.exec(block.text)?.[0];
    const recorded = await gateway.sql('SELECT value FROM events WHERE idempotency_key = $1', [
      key,
    ]);
    expect(recorded).toHaveLength(/Refused/.test(block.output ?? '') ? 0 : 1);
  });

  it('is not repeated with a key that is not accepted', async () => {
    const before = proxy.heads.length;
    const done = await follow(block, 'tg_sk_wrong');
    expect(done.stdout + done.stderr).toContain('Send a valid key');
    expect(proxy.heads.length - before).toBe(1);
  });
});

describe('the examples in languages that are not run here', () => {
  it.each(['python', 'go'])('the operation in %s is valid', async (language) => {
    const blocks = BLOCKS.filter((block) => block.language === language);
    expect(blocks).toHaveLength(1);
    const [, document] = /(?:"""|`)(\s+mutation.*?)(?:"""|`)/s.exec(blocks[0]?.text ?? '') ?? [];
    const schema = buildSchema(await readFile(join(ROOT, 'schema.graphql'), 'utf8'));
    expect(validate(schema, parse(document ?? ''))).toEqual([]);
  });
});
