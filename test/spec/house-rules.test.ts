/** House rules that no linter checks. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseSource, readSources, type SourceFile } from './source-files.js';

const run = promisify(execFile);

const LINES_MAX = 300;

const TIME_AND_RANDOMNESS = /^(Date\.now|new Date|Math\.random|crypto\.random.*)$/;
const RANDOMNESS = /^(randomUUID|randomBytes|randomInt|randomFill|randomFillSync|getRandomValues)$/;

function usesOutside(files: readonly SourceFile[], names: RegExp, home: RegExp): string[] {
  return files
    .filter(({ path }) => !home.test(path))
    .flatMap(({ path, uses }) =>
      [...uses].filter((name) => names.test(name)).map((name) => `${path} uses ${name}`),
    );
}

function timeAndRandomness(files: readonly SourceFile[]): string[] {
  const names = new RegExp(`${TIME_AND_RANDOMNESS.source}|${RANDOMNESS.source}`);
  return usesOutside(files, names, /^src\/platform\//);
}

function environment(files: readonly SourceFile[]): string[] {
  return usesOutside(files, /^process\.(env|argv)$/, /^src\/config\.ts$/);
}

function tooLong(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ text }) => text.trimEnd().split('\n').length > LINES_MAX)
    .map(({ path }) => path);
}

describe('source files', () => {
  it(`have at most ${LINES_MAX} lines`, async () => {
    expect(tooLong(await readSources('src'))).toEqual([]);
    expect(tooLong(await readSources('test'))).toEqual([]);
    const lines = (count: number) => [parseSource('a.ts', 'f();\n'.repeat(count))];
    expect(tooLong(lines(LINES_MAX))).toEqual([]);
    expect(tooLong(lines(LINES_MAX + 1))).toEqual(['a.ts']);
  });

  it('take time and randomness from src/platform', async () => {
    expect(timeAndRandomness(await readSources('src'))).toEqual([]);
  });

  it.each([
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'Math.random()',
    'crypto.randomUUID()',
    'crypto.getRandomValues(bytes)',
    `import { randomUUID } from 'node:crypto'`,
    `import { randomBytes as dice } from 'node:crypto'`,
    `import * as c from 'node:crypto'; c.randomInt(6)`,
  ])('are reported if they take it from elsewhere: %s', (text) => {
    expect(timeAndRandomness([parseSource('src/meter/a.ts', text)])).not.toEqual([]);
    expect(timeAndRandomness([parseSource('src/platform/a.ts', text)])).toEqual([]);
  });

  it.each(['new Date(0)', 'Date.parse(text)', 'const random = 4'])('may contain: %s', (text) => {
    expect(timeAndRandomness([parseSource('src/meter/a.ts', text)])).toEqual([]);
  });

  it('read the environment and the command line only in src/config.ts', async () => {
    expect(environment(await readSources('src'))).toEqual([]);
    for (const text of ['process.env', `process['env']`, `process.env['A']`, 'process.argv[2]']) {
      expect(environment([parseSource('src/http/a.ts', text)])).not.toEqual([]);
      expect(environment([parseSource('src/config.ts', text)])).toEqual([]);
    }
  });
});

/** Otherwise a server that ends a session, as when its database is dropped, would end the whole run. */
describe('connections that tests open', () => {
  const deafIn = ({ path, text }: SourceFile): string[] => {
    if (!/\.(connect|query)\(/.test(text)) return [];
    const made = text.match(/\bnew (pg\.)?(Pool|Client)\(/g)?.length ?? 0;
    const heard = text.match(/\.on\('error'/g)?.length ?? 0;
    return made > heard ? [`${path}: ${made} made, ${heard} heard`] : [];
  };

  it('each have a listener for errors', async () => {
    const files = await readSources('test');
    expect(files.filter(({ text }) => text.includes('pg.')).length).toBeGreaterThan(5);
    expect(files.filter(({ path }) => path !== OWN).flatMap(deafIn)).toEqual([]);
  });

  it('are reported without one', () => {
    const pool = (more: string) =>
      parseSource('test/a.ts', `const pool = new pg.Pool({}); pool.query(''); ${more}`);
    expect(deafIn(pool(''))).toHaveLength(1);
    expect(deafIn(pool("pool.on('error', ignore);"))).toEqual([]);
  });
});

const OWN = 'test/spec/house-rules.test.ts';

describe('src/domain', () => {
  const config = fileURLToPath(new URL('domain.tsconfig.json', import.meta.url));
  const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  const compile = (project: string) => run(process.execPath, [compiler, '-p', project]);

  const compileText = async (text: string) => {
    const folder = await fs.mkdtemp(join(tmpdir(), 'tollgate-domain-'));
    try {
      await fs.writeFile(join(folder, 'a.ts'), `${text};\nexport {};\n`);
      const project = join(folder, 'tsconfig.json');
      await fs.writeFile(project, JSON.stringify({ extends: config, include: ['a.ts'] }));
      return await compile(project);
    } finally {
      await fs.rm(folder, { recursive: true, force: true });
    }
  };

  it('compiles without the types of Node and of browsers', async () => {
    await expect(compile(config)).resolves.toBeDefined();
    await expect(compileText('new Map<string, bigint>()')).resolves.toBeDefined();
  });

  it.each(['process.pid', 'setTimeout(() => 0)', 'console.log()', `import 'node:fs'`])(
    'does not compile with %s',
    async (text) => {
      const stdout: unknown = expect.stringMatching(/a\.ts\(1,\d+\): error TS/);
      await expect(compileText(text)).rejects.toMatchObject({ stdout });
    },
  );
});
