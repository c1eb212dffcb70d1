/** docs/quick-start.md, followed step by step and to the letter. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';
import { runCommand } from '../support/gateway/command.js';
import { startTollgate, type Tollgate } from '../support/gateway/gateway-process.js';

const PAGE = await readFile(new URL('../../docs/quick-start.md', import.meta.url), 'utf8');
const PACKAGE: { scripts: Record<string, string> } = JSON.parse(
  await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
);
const run = promisify(execFile);

interface Block {
  readonly language: string;
  readonly text: string;
  /** The answer that the page shows; null if it shows none. */
  readonly answer: unknown;
}

/** The blocks that can be run, each with the JSON that follows it. */
function blocks(): Block[] {
  const all = [...PAGE.matchAll(/```(\w+)( \w+)?\n(.*?)```/gs)].map(([, language, note, text]) => ({
    language: language ?? '',
    note,
    text: text ?? '',
  }));
  return all.flatMap(({ language, text }, index) => {
    if (language === 'json') return [];
    const next = all[index + 1];
    const answer = next?.language === 'json' ? JSON.parse(next.text) : null;
    return [{ language, text, answer }];
  });
}

/** The commands of its first shell block, which is indented. */
const COMMANDS = [...PAGE.matchAll(/^ {4}(npm .*)$/gm)].map(([, command = '']) => command);

describe.each(['PostgreSQL', 'the embedded default'])('on %s', (place) => {
  let database: TestDatabase | undefined;
  let folder: string;
  let gateway: Tollgate;
  let secret: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tollgate-quick-start-'));
    if (place === 'PostgreSQL') database = await createEmptyDatabase();
    const settings = { DATABASE_URL: database?.url ?? '', DATA_DIR: join(folder, 'data') };
    expect(COMMANDS[0]).toBe('npm ci');
    const [, script = '', args = ''] = /^npm run -s (\w+) -- (.*)$/.exec(COMMANDS[1] ?? '') ?? [];
    expect(PACKAGE.scripts[script]).toBe(`node dist/commands/${script}.js`);
    const key = await runCommand(`commands/${script}.ts`, args.split(' '), settings);
    expect(key.stdout).toMatch(/^tg_sk_\S+\n$/);
    secret = key.stdout.trim();
    expect(COMMANDS[2]).toBe('npm start');
    gateway = await startTollgate(settings);
  });

  afterAll(async () => {
    await gateway?.stop();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('every step gives the answer that the page shows', async () => {
    const steps = blocks();
    expect(steps.map(({ language }) => language)).toEqual([
      'graphql',
      'graphql',
      'sh',
      'ts',
      'graphql',
    ]);
    for (const { language, text, answer } of steps) {
      const answered = await follow(
        language,
        text.replaceAll('http://127.0.0.1:4000', gateway.origin),
      );
      expect(answered).not.toHaveProperty('errors');
      if (answer !== null) expect(answered).toEqual(answer);
    }
  });

  function follow(language: string, text: string): Promise<unknown> {
    if (language === 'graphql') return post(text);
    return language === 'sh' ? shell('bash', ['-c', text]) : typescript(text);
  }

  async function post(query: string): Promise<unknown> {
    const response = await fetch(`${gateway.origin}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return response.json();
  }

  async function shell(command: string, args: readonly string[]): Promise<unknown> {
    const env = { ...process.env, TOLLGATE_KEY: secret };
    return JSON.parse((await run(command, [...args], { env })).stdout);
  }

  async function typescript(text: string): Promise<unknown> {
    const file = join(folder, 'example.mts');
    await writeFile(file, text);
    return shell(process.execPath, ['--import', 'tsx', file]);
  }
});
