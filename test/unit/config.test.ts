import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, loadServerConfig, settings } from '../../src/config.js';

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  const loaded = loadConfig(environment);
  return loaded.ok ? [] : loaded.problems;
}

describe('the settings', () => {
  it('all have a default that is sufficient for a start', () => {
    expect(loadConfig({})).toMatchObject({
      ok: true,
      config: {
        database: { kind: 'EMBEDDED', folder: resolve('data') },
        host: '127.0.0.1',
        port: 4000,
        workers: 1,
        graphiql: true,
        trustedDocuments: 'allow',
        trustedDocumentsFile: null,
        corsOrigins: null,
        logLevel: 'info',
      },
    });
  });

  it('count as unset if they are empty', () => {
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
    expect(loadConfig({ CORS_ORIGINS: '*' })).toMatchObject({ config: { corsOrigins: ['*'] } });
    const CORS_ORIGINS = 'https://app.example.com , http://localhost:3000,http://[::1]:8080';
    expect(loadConfig({ CORS_ORIGINS })).toMatchObject({
      config: {
        corsOrigins: ['https://app.example.com', 'http://localhost:3000', 'http://[::1]:8080'],
      },
    });
    expect(loadConfig({ DATABASE_URL, GRAPHIQL: 'on' })).toMatchObject({
      config: { graphiql: true },
    });
    expect(loadConfig({ IDEMPOTENCY_FALLBACK_HEADER: 'X-Request-Id' })).toMatchObject({
      config: { idempotencyFallbackHeader: 'x-request-id' },
    });
    expect(loadConfig({ GRAPHIQL: 'off' })).toMatchObject({ config: { graphiql: false } });
  });

  it('cannot be changed once they are read', () => {
    const loaded = loadConfig({});
    expect(loaded.ok && Object.isFrozen(loaded.config)).toBe(true);
  });

  it.each([
    ['PORT', '65536', 'PORT is "65536": it must be 0 to 65535.'],
    ['PORT', '4000a', 'PORT is "4000a": it must be 0 to 65535.'],
    ['PORT', '-1', 'PORT is "-1": it must be 0 to 65535.'],
    ['HOST', 'a b', 'HOST is "a b": it must be a host name or an IP address.'],
    ['GRAPHIQL', 'yes', 'GRAPHIQL is "yes": it must be on or off.'],
    ...[
      'example.com',
      'https://example.com/',
      'https://example.com:443',
      'HTTPS://example.com',
      'https://Example.com',
      'https://user@example.com',
      'https://a.example.com,*',
      'https://a.example.com,',
      'ftp://example.com',
      'null',
      '*.example.com',
    ].map((value) => [
      'CORS_ORIGINS',
      value,
      `CORS_ORIGINS is ${/HTTPS|@|ftp/.test(value) ? 'a value that is not shown because it may contain a secret' : `"${value}"`}: it must be *, or origins such as https://app.example.com, separated by commas.`,
    ]),
    [
      'LOG_LEVEL',
      'loud',
      'LOG_LEVEL is "loud": it must be fatal, error, warn, info, debug, trace, or silent.',
    ],
    ...[
      'authorization',
      'Cookie',
      'x request id',
      'x-id:',
      'content-type',
      'Tollgate-Customer-Token',
      'tollgate-cost',
    ].map((value) => [
      'IDEMPOTENCY_FALLBACK_HEADER',
      value,
      `IDEMPOTENCY_FALLBACK_HEADER is "${value}": it must be the name of a header that differs for each request, such as x-request-id.`,
    ]),
    ...['_a', 'a__b', '1a', 'a-b', 'a'.repeat(33)].flatMap((value) =>
      ['SUBGRAPH_TYPE_PREFIX', 'SUBGRAPH_FIELD_PREFIX'].map((name) => [
        name,
        value,
        `${name} is "${value}": it must be letters, digits and single underscores, up to 32, with a letter first.`,
      ]),
    ),
    ['TRUSTED_DOCUMENTS', 'on', 'TRUSTED_DOCUMENTS is "on": it must be off, allow, or enforce.'],
    ['LANES', '0', 'LANES is "0": it must be 1 to 256.'],
    ['LANES', '1e1', 'LANES is "1e1": it must be 1 to 256.'],
    ['WORKERS', '0', 'WORKERS is "0": it must be 1 to 128, or auto.'],
    ['WORKERS', '129', 'WORKERS is "129": it must be 1 to 128, or auto.'],
    ['WORKERS', 'all', 'WORKERS is "all": it must be 1 to 128, or auto.'],
  ])('%s=%s is reported in one message', (name, value, message) => {
    expect(problems({ [name]: value })).toEqual([message]);
  });

  it.each([
    'hunter2',
    'hunter2'.padEnd(257, '.'),
    `${'hunter2'.repeat(9)},hunter2`,
    'hunter2 '.repeat(9),
  ])('never show the secret %s', (GATEWAY_HMAC_SECRET) => {
    const [message = '', ...more] = problems({ GATEWAY_HMAC_SECRET });
    expect(more).toEqual([]);
    expect(message).toMatch(/^GATEWAY_HMAC_SECRET has \d+ characters: it must be 32 to 256 /);
    expect(message).not.toContain('hunter2');
  });

  it('turn the subgraph on, with its prefixes and secrets', () => {
    const subgraph = (environment: NodeJS.ProcessEnv) => {
      const loaded = loadConfig(environment);
      return loaded.ok ? loaded.config.subgraph : loaded;
    };
    expect(subgraph({ SUBGRAPH_TYPE_PREFIX: 'Usage' })).toBeNull();
    const usual = {
      typePrefix: 'Tollgate',
      fieldPrefix: '',
      authorization: false,
      hmacSecrets: [],
    };
    expect(subgraph({ SUBGRAPH: 'on' })).toEqual(usual);
    const secrets = ['a'.repeat(32), 'b'.repeat(256)];
    expect(
      subgraph({
        SUBGRAPH: 'on',
        SUBGRAPH_TYPE_PREFIX: 'Usage_',
        SUBGRAPH_FIELD_PREFIX: 'usage_v2_',
        SUBGRAPH_AUTHORIZATION: 'on',
        GATEWAY_HMAC_SECRET: secrets.join(),
      }),
    ).toEqual({
      typePrefix: 'Usage_',
      fieldPrefix: 'usage_v2_',
      authorization: true,
      hmacSecrets: secrets,
    });
  });

  it('have one lane in each of several workers that forward, unless it is set', () => {
    const forwarding = { DATABASE_URL: 'postgresql://db/usage', WORKERS: '2', FORWARD: 'on' };
    expect(loadConfig(forwarding)).toMatchObject({ config: { lanes: 1 } });
    expect(loadConfig({ ...forwarding, LANES: '3' })).toMatchObject({ config: { lanes: 3 } });
    expect(loadConfig({ ...forwarding, WORKERS: '1' })).toMatchObject({ config: { lanes: 2 } });
    expect(loadConfig({ ...forwarding, FORWARD: 'off' })).toMatchObject({ config: { lanes: 2 } });
  });

  it('are reported all at once, with one message each', () => {
    expect(problems({ PORT: 'x', LANES: 'y', HOST: '/' })).toHaveLength(3);
  });

  it('must be consistent with each other', () => {
    const DATABASE_URL = 'postgresql://db/usage';
    expect(problems({ DATABASE_URL, LANES: '10' })).toEqual([
      'LANES is 10: it must be less than DATABASE_POOL_MAX, which is 10, because other ' +
        'statements need connections too.',
    ]);
    expect(problems({ LANES: '10' })).toEqual([]);
    expect(problems({ WORKERS: '2' })).toEqual([
      'WORKERS asks for 2 processes, but only one at a time can open the embedded database. Set ' +
        'DATABASE_URL to the address of a PostgreSQL, or use 1.',
    ]);
    expect(problems({ DATABASE_URL, WORKERS: '128' })).toEqual([]);
    const TRUSTED_DOCUMENTS = 'enforce';
    expect(problems({ TRUSTED_DOCUMENTS })).toEqual([
      'TRUSTED_DOCUMENTS is enforce, but there are no trusted documents: set ' +
        'TRUSTED_DOCUMENTS_FILE to their manifest, or use allow.',
    ]);
    const TRUSTED_DOCUMENTS_FILE = 'manifest.json';
    const enforced = { TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_FILE };
    expect(problems({ ...enforced, GRAPHIQL: 'on' })).toEqual([
      'GRAPHIQL is on, but TRUSTED_DOCUMENTS is enforce, so that GraphiQL could execute nothing: ' +
        'set GRAPHIQL to off, or TRUSTED_DOCUMENTS to allow.',
    ]);
    expect(loadConfig(enforced)).toMatchObject({
      config: {
        graphiql: false,
        trustedDocuments: 'enforce',
        trustedDocumentsFile: resolve('manifest.json'),
      },
    });
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
    const [message = '', ...more] = problems({ DATABASE_URL });
    expect(more).toEqual([]);
    expect(message).toMatch(/^DATABASE_URL is .+: it must be like postgresql:\/\/user:password@/);
    expect(message).not.toContain('hunter2');
  });
});

describe('the command line', () => {
  const DATABASE_URL = 'postgresql://db/usage';
  const workers = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
    const loaded = loadServerConfig(args, { DATABASE_URL, ...environment });
    return loaded.ok ? loaded.config.workers : loaded;
  };

  it('sets the number of workers, whatever the environment says', () => {
    expect(workers([])).toBe(1);
    expect(workers([], { WORKERS: '3' })).toBe(3);
    expect(workers(['--workers', '2'], { WORKERS: '3' })).toBe(2);
    expect(workers(['--workers=2'], { WORKERS: 'x' })).toBe(2);
    expect(workers(['--workers', '4', '--workers', '5'])).toBe(5);
  });

  it('sets a worker per core with auto', () => {
    const cores = Math.min(availableParallelism(), 128);
    expect(workers(['--workers', 'auto'])).toBe(cores);
    expect(workers([], { WORKERS: 'auto' })).toBe(cores);
  });

  it.each([['--workers', '0'], ['--workers=129'], ['--workers', '2.5'], ['--workers', '--help']])(
    'is refused with a message if it says %s %s',
    (...args) => {
      const value = args.join('=').replace('--workers=', '');
      const problems = [`--workers is "${value}": it must be 1 to 128, or auto.`];
      expect(workers(args)).toEqual({ ok: false, problems });
    },
  );

  it.each([
    [['--workers'], '--workers needs a number.'],
    [['--workers='], '--workers needs a number.'],
    [['--worker', '2'], '--worker is not an option of this command.'],
    [['2'], '2 is not an option of this command.'],
    [['-w', '2'], '-w is not an option of this command.'],
    [['--workers', '2', '--port=80'], '--port=80 is not an option of this command.'],
  ])('is refused with a message and the usage if it says %j', (args, message) => {
    const usage: unknown = expect.stringContaining('Usage: npm start -- [--workers N]');
    expect(workers(args)).toEqual({ ok: false, problems: [message, usage] });
  });

  it.each([[['--help']], [['-h']], [['--workers', 'x', '--help']]])(
    'prints the usage for %j',
    (args) => {
      const usage: unknown = expect.stringContaining('Usage: npm start -- [--workers N]');
      expect(workers(args)).toEqual({ ok: false, usage });
    },
  );

  it('cannot request several processes without a database server', () => {
    const loaded = loadServerConfig(['--workers', '2'], {});
    expect(loaded).toMatchObject({ ok: false });
    expect('problems' in loaded && loaded.problems).toEqual([
      '--workers asks for 2 processes, but only one at a time can open the embedded database. ' +
        'Set DATABASE_URL to the address of a PostgreSQL, or use 1.',
    ]);
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
