import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, settings } from '../../src/config.js';

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  const loaded = loadConfig(environment);
  return loaded.ok ? [] : loaded.problems;
}

describe('the settings', () => {
  it('all have a default that is enough to start with', () => {
    expect(loadConfig({})).toMatchObject({
      ok: true,
      config: {
        database: { kind: 'EMBEDDED', folder: resolve('data') },
        host: '127.0.0.1',
        port: 4000,
        graphiql: true,
        logLevel: 'info',
      },
    });
  });

  it('count as not given where they are empty', () => {
    const names = settings().map(({ name }) => [name, ' ']);
    expect(loadConfig(Object.fromEntries(names))).toEqual(loadConfig({}));
  });

  it('are read from their variables', () => {
    const DATABASE_URL = 'postgresql://me:secret@db.example:6432/usage?sslmode=verify-full';
    const loaded = loadConfig({ DATABASE_URL, HOST: '::', PORT: '0', LANES: '9' });
    expect(loaded).toMatchObject({
      config: {
        database: { kind: 'POSTGRESQL', connectionString: DATABASE_URL },
        graphiql: false,
        host: '::',
        port: 0,
        lanes: 9,
      },
    });
    expect(loadConfig({ DATABASE_URL, GRAPHIQL: 'on' })).toMatchObject({
      config: { graphiql: true },
    });
    expect(loadConfig({ GRAPHIQL: 'off' })).toMatchObject({ config: { graphiql: false } });
  });

  it('can not be changed once they are read', () => {
    const loaded = loadConfig({});
    expect(loaded.ok && Object.isFrozen(loaded.config)).toBe(true);
  });

  it.each([
    ['PORT', '65536', 'PORT is "65536": it must be 0 to 65535.'],
    ['PORT', '4000a', 'PORT is "4000a": it must be 0 to 65535.'],
    ['PORT', '-1', 'PORT is "-1": it must be 0 to 65535.'],
    ['HOST', 'a b', 'HOST is "a b": it must be a host name or an IP address.'],
    ['GRAPHIQL', 'yes', 'GRAPHIQL is "yes": it must be on or off.'],
    [
      'LOG_LEVEL',
      'loud',
      'LOG_LEVEL is "loud": it must be fatal, error, warn, info, debug, trace, silent.',
    ],
    ['LANES', '0', 'LANES is "0": it must be 1 to 256.'],
    ['LANES', '1e1', 'LANES is "1e1": it must be 1 to 256.'],
  ])('%s=%s is told in one sentence', (name, value, sentence) => {
    expect(problems({ [name]: value })).toEqual([sentence]);
  });

  it('are told all at once, one sentence each', () => {
    expect(problems({ PORT: 'x', LANES: 'y', HOST: '/' })).toHaveLength(3);
  });

  it('fit together', () => {
    const DATABASE_URL = 'postgresql://db/usage';
    expect(problems({ DATABASE_URL, LANES: '10' })).toEqual([
      'LANES is 10: it must be less than DATABASE_POOL_MAX, which is 10, because reads need ' +
        'connections too.',
    ]);
    expect(problems({ LANES: '10' })).toEqual([]);
  });

  it.each([
    'mysql://me:hunter2@db/usage',
    'postgresql://me:hunter2@db/usage?schema=other',
    'postgresql://me:hunter2@[db/usage',
    'postgresql://me:12/hunter2@db/usage?schema=other',
    'postgresql://db/usage?schema=other&password=hunter2',
    'me:hunter2@db',
    'hunter2',
  ])('never show the password of %s', (DATABASE_URL) => {
    const [sentence = '', ...more] = problems({ DATABASE_URL });
    expect(more).toEqual([]);
    expect(sentence).toMatch(/^DATABASE_URL is .+: it must be like postgresql:\/\/user:password@/);
    expect(sentence).not.toContain('hunter2');
  });
});

describe('docs/configuration.md', () => {
  it('lists every setting as it is', async () => {
    const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toEqual(
      settings().map(({ name, default: usual, allowed, meaning }) => {
        const shown = usual === '' ? 'none' : `\`${usual}\``;
        return `| \`${name}\` | ${shown} | ${allowed} | ${meaning} |`;
      }),
    );
  });
});
