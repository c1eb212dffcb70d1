/** Every invalid setting is reported in one message, with its value unless that may be a secret. */
import { describe, expect, it } from 'vitest';
import { loadServerConfig, settings } from '../../src/config.js';

const SECRET = 'hunter2';

function problems(environment: NodeJS.ProcessEnv, args: readonly string[] = []) {
  const loaded = loadServerConfig(args, environment);
  return 'problems' in loaded ? loaded.problems : [];
}

const messageOf = (environment: NodeJS.ProcessEnv) => {
  const [message, ...more] = problems(environment);
  expect(more).toEqual([]);
  return message ?? 'none';
};

describe('a database URL', () => {
  it.each([
    ['a bare password', SECRET, /is not a valid address/],
    [
      'a percent sign in its host',
      `postgresql://me:${SECRET}@a%zz/usage`,
      /is not a valid address/,
    ],
    ['no scheme', `me:${SECRET}@db/usage`, /is not a valid address/],
    ['no slashes', `postgres:${SECRET}@host/db`, /is not a valid address/],
    ['one slash', `postgres:/${SECRET}@host/db`, /is not a valid address/],
    [
      'a scheme in capitals without slashes',
      `POSTGRESQL:${SECRET}@host/db`,
      /is not a valid address/,
    ],
    [
      'an equals sign instead of a colon',
      `postgresql=//me:${SECRET}@host/db`,
      /is not a valid address/,
    ],
    ['quotes around it', `"postgresql://me:${SECRET}@host/db"`, /is not a valid address/],
    [
      'a name before it',
      `DATABASE_URL=postgresql://me:${SECRET}@host/db`,
      /is not a valid address/,
    ],
    ["psql's form", `host=db user=me password=${SECRET} dbname=usage`, /is not a valid address/],
    ['a slash in its password', `postgresql://me:12/${SECRET}@host/db`, /is not a valid address/],
    [
      'a question mark in its password',
      `postgresql://me:12?${SECRET}@host/db`,
      /is not a valid address/,
    ],
    [
      'a number sign in its password',
      `postgresql://me:12#${SECRET}@host/db`,
      /is not a valid address/,
    ],
    [
      'a per cent sign in its password',
      `postgresql://me:%${SECRET}@host/db`,
      /is not a valid address/,
    ],
    [
      'a port that is not a number',
      `postgresql://me:${SECRET}@host:five/db`,
      /is not a valid address/,
    ],
    [
      'a port that is too large',
      `postgresql://me:${SECRET}@host:99999/db`,
      /is not a valid address/,
    ],
    ['an open bracket', `postgresql://me:${SECRET}@[::1/db`, /is not a valid address/],
    ['a fragment', `postgresql://me:${SECRET}@host/db#${SECRET}`, /is not a valid address/],
    ['the scheme of another database', `mysql://me:${SECRET}@host/db`, /for "mysql"/],
    ['the scheme of a web address', `https://me:${SECRET}@host/db`, /for "https"/],
    ["Prisma's own scheme", `prisma+postgres://host/?api_key=${SECRET}`, /for "prisma\+postgres"/],
    ['no host', `postgresql:///usage?password=${SECRET}`, /without a host/],
    ['a user and no host', `postgresql://me:${SECRET}@/usage`, /without a host/],
    ['several hosts', `postgresql://me:${SECRET}@one,two/usage`, /several hosts/],
    ...[
      `me:${SECRET}@one:5432,two:5432/usage`,
      'one:5432,two:5432/usage',
      'one,two:5432/usage?sslmode=require',
      `me:${SECRET}@[::1]:5432,[::2]:5432`,
      `me:${SECRET}@one:5432,two:5432,three/usage?target_session_attrs=read-write`,
      '/usage?host=one,two',
    ].map((rest): [string, string, RegExp] => [
      `several hosts: ${rest}`,
      `postgresql://${rest}`,
      /several hosts/,
    ]),
    [
      'a comma and a slash in its password',
      `postgresql://me:1,2/${SECRET}@host/db`,
      /is not a valid address/,
    ],
    ...[
      'host=/tmp&host=127.0.0.1',
      'sslmode=require&sslmode=disable',
      'port=1&port=1',
      `password=${SECRET}&password=${SECRET}`,
      'schema=public&schema=other',
      'options=-c%20a=1&options=-c%20b=1',
    ].map((parameters): [string, string, RegExp] => [
      `a parameter twice: ${parameters}`,
      `postgresql://host/usage?${parameters}`,
      new RegExp(`the parameter ${parameters.split('=')[0]} more than once`),
    ]),
    [
      'an unescaped password with a part that is repeated',
      `postgresql://host/usage?password=x&${SECRET}&${SECRET}`,
      /with a parameter more than once/,
    ],
    ...['0', '65536', 'five', '5432,5433', '-1', '5432x'].map((port): [string, string, RegExp] => [
      `the port ${port} as a parameter`,
      `postgresql:///usage?host=db&port=${port}`,
      /a port that is not a number from 1 to 65535/,
    ]),
    ['the port 0', `postgresql://me:${SECRET}@host:0/db`, /a port that is not a number/],
    ['no database', `postgresql://me:${SECRET}@host`, /without a database name/],
    [
      'no database after a slash',
      `postgresql://me:${SECRET}@host:5432/`,
      /without a database name/,
    ],
    [
      'no database before its parameters',
      `postgresql://me:${SECRET}@host?sslmode=require`,
      /without a database name/,
    ],
    [
      'a path instead of a database',
      `postgresql://me:${SECRET}@host/usage/public`,
      /a slash in its database name/,
    ],
    [
      'a slash in the name of its database',
      `postgresql://me:${SECRET}@host/usage%2Fpublic`,
      /a slash in its database name/,
    ],
    ['another schema', `postgresql://me:${SECRET}@host/usage?schema=other`, /other than public/],
    ['an unknown mode of TLS', `postgresql://me:${SECRET}@host/db?sslmode=on`, /verify-full/],
    ['an authority without its certificate', 'postgresql://h/d?sslmode=verify-ca', /sslrootcert/],
  ])('is refused if it has %s', (_what, DATABASE_URL, reason) => {
    const message = messageOf({ DATABASE_URL });
    expect(message).toMatch(/^DATABASE_URL is .+: it must be like postgresql:\/\/user:password@/);
    expect(message).toMatch(reason);
    expect(message).not.toContain(SECRET);
    expect(message).not.toContain('\n');
  });

  it.each([
    'postgresql://db/usage',
    'POSTGRES://db/usage',
    'postgres://me:a%2Fb%3F%23%40%25@db.example:6432/usage?sslmode=verify-full',
    'postgresql://me@[::1]:5432/usage?sslmode=disable&application_name=x',
    'postgresql:///usage?host=/var/run/postgresql',
    'postgresql:///usage?host=/var/run/postgresql&user=me',
    'postgresql://me:secret@/usage?host=/var/run/postgresql',
    'postgresql://me:secret@/usage?sslmode=disable&host=/cloudsql/a:b:c',
    'postgresql://me@%2Fvar%2Frun%2Fpostgresql/usage',
    'postgresql://me:p@ss@db/usage',
    'postgresql://db/usage?schema=public&sslmode=no-verify',
  ])('is accepted: %s', (DATABASE_URL) => {
    expect(problems({ DATABASE_URL })).toEqual([]);
  });
});

describe('PGSSLMODE', () => {
  const addressOf = (environment: NodeJS.ProcessEnv) => {
    const loaded = loadServerConfig([], environment);
    const database = 'config' in loaded ? loaded.config.database : null;
    return database?.kind === 'POSTGRESQL' ? database.connectionString : null;
  };

  it.each([
    [
      'is the mode of an address without one',
      'postgresql://db/usage',
      'postgresql://db/usage?sslmode=require',
    ],
    [
      'gives way to the mode of the address',
      'postgresql://db/usage?sslmode=disable',
      'postgresql://db/usage?sslmode=disable',
    ],
  ])('%s', (_what, DATABASE_URL, expected) => {
    expect(addressOf({ DATABASE_URL, PGSSLMODE: 'require' })).toBe(expected);
    expect(addressOf({ DATABASE_URL, PGSSLMODE: ' ' })).toBe(DATABASE_URL);
  });

  it.each<[mode: string, sentence: RegExp]>([
    ['on', /^PGSSLMODE is "on": it must be disable, allow, .* or verify-full\.$/],
    ['on\n', /^PGSSLMODE is "on": it must be disable/],
    [
      'verify-ca',
      /^PGSSLMODE is "verify-ca", which needs .*: add sslrootcert=FILE to DATABASE_URL, or /,
    ],
    [`tg_sk_${SECRET}`, /^PGSSLMODE is a value that is not shown/],
  ])('is named if it cannot be used: %s', (PGSSLMODE, sentence) => {
    const DATABASE_URL = `postgresql://me:${SECRET}@db/usage`;
    const message = messageOf({ DATABASE_URL, PGSSLMODE });
    expect(message).toMatch(sentence);
    expect(message).not.toContain(SECRET);
    // Where it does not apply, it does not matter.
    expect(problems({ DATABASE_URL: `${DATABASE_URL}?sslmode=require`, PGSSLMODE })).toEqual([]);
    expect(problems({ PGSSLMODE })).toEqual([]);
  });

  it('is not blamed for an address that cannot be used itself', () => {
    for (const DATABASE_URL of ['postgresql://db', 'postgresql://db/usage?sslmode=on', SECRET]) {
      for (const PGSSLMODE of ['on', 'verify-ca', 'require']) {
        expect(messageOf({ DATABASE_URL, PGSSLMODE })).toMatch(/^DATABASE_URL is /);
      }
    }
  });

  it('takes the certificate to trust from the address', () => {
    const DATABASE_URL = 'postgresql://db/usage?sslrootcert=/ca.pem';
    expect(problems({ DATABASE_URL, PGSSLMODE: 'verify-ca' })).toEqual([]);
  });
});

describe('a value', () => {
  // All others have the same message.
  const special = [
    'DATABASE_URL',
    'DATA_DIR',
    'GATEWAY_HMAC_SECRET',
    'METRICS_TOKEN',
    'TRUSTED_DOCUMENTS_FILE',
  ];
  const others = settings().filter(({ name }) => !special.includes(name));

  it.each(['short', 'with spaces in between', 'ümlauts-are-not-ascii', 'x'.repeat(257)])(
    'of METRICS_TOKEN is not shown: %s',
    (METRICS_TOKEN) => {
      const message = messageOf({ METRICS_TOKEN });
      expect(message).toMatch(/^METRICS_TOKEN has \d+ characters: it must be 16 to 256 /);
      expect(message).not.toContain(METRICS_TOKEN);
    },
  );

  it.each([
    ['', [], 0],
    ['A', ['A'], 0],
    ['A, B ,A', ['A', 'B'], 0],
    ['A,', [], 1],
    ['1A', [], 1],
    [Array.from({ length: 51 }, (_, n) => `A${n}`).join(), [], 1],
  ])('of METRICS_OPERATIONS is a list of names: %s', (METRICS_OPERATIONS, names, wrong) => {
    const loaded = loadServerConfig([], { METRICS_OPERATIONS });
    expect(problems({ METRICS_OPERATIONS })).toHaveLength(wrong);
    expect('config' in loaded ? loaded.config.metricsOperations : []).toEqual(names);
  });

  it.each(others.map(({ name }) => name))('of %s is reported if it is invalid', (name) => {
    expect(messageOf({ [name]: 'a b' })).toMatch(
      new RegExp(`^${name} is "a b": it must be .+\\.$`),
    );
  });

  it.each([
    ['a database URL', `postgresql://me:${SECRET}@host/db`],
    ['a key', `tg_sk_${SECRET}`],
    ['possibly a secret', `me:${SECRET}@host`],
  ])('that is %s, in the wrong place, is not shown', (_what, value) => {
    for (const { name } of others) {
      expect(messageOf({ [name]: value })).not.toContain(SECRET);
    }
    expect(problems({}, [value]).join()).not.toContain(SECRET);
    expect(problems({}, ['--workers', value]).join()).not.toContain(SECRET);
  });

  it('that is a web address without anything secret is shown', () => {
    const CORS_ORIGINS = 'https://app.example.com/, http://localhost:3000';
    expect(messageOf({ CORS_ORIGINS })).toContain(`CORS_ORIGINS is "${CORS_ORIGINS}": `);
    for (const secret of [
      `https://me:${SECRET}@host`,
      `https://host/${SECRET}`,
      `https://h?${SECRET}`,
    ])
      expect(messageOf({ CORS_ORIGINS: `https://a.com/, ${secret}` })).not.toContain(SECRET);
  });

  it('of any length and form is reported in one short line', () => {
    for (const value of ['x'.repeat(10_000), 'a\nb\u001b[31m', '\u0000', '"'.repeat(500)]) {
      const message = messageOf({ PORT: value });
      expect(message).toMatch(/^PORT is "[ -~]+: it must be 0 to 65535\.$/);
      expect(message.length).toBeLessThan(700);
    }
  });
});
