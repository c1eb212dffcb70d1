import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config.js';

const URL = 'postgresql://u:secret@b.example/tollgate';

function serversOf(environment: NodeJS.ProcessEnv) {
  const loaded = loadConfig({
    DATABASE_URL: URL,
    PLACES: '8',
    DATABASE_POOL_MAX: '20',
    ...environment,
  });
  return loaded.ok ? [...loaded.config.servers] : loaded;
}

it('each DATABASE_URL_NAME is a server, by its name in lower case', () => {
  expect(
    serversOf({ DATABASE_URL_EU_2: ` ${URL} `, DATABASE_URL_B: URL, DATABASE_URL_C: ' ' }),
  ).toEqual([
    ['b', URL],
    ['eu_2', URL],
  ]);
});

it('PGSSLMODE applies to each of them', () => {
  expect(serversOf({ DATABASE_URL_B: URL, PGSSLMODE: 'require' })).toEqual([
    ['b', `${URL}?sslmode=require`],
  ]);
});

it('with one place, variables of such names belong to others', () => {
  expect(serversOf({ PLACES: '1', DATABASE_URL_UNPOOLED: 'mysql://somewhere' })).toEqual([]);
});

it.each([
  [{ DATABASE_URL_B: 'mysql://u:secret@b/x' }, /^DATABASE_URL_B is an address for "mysql"/],
  [
    { DATABASE_URL_B: 'postgresql://u:secret@b' },
    /^DATABASE_URL_B is an address without a database/,
  ],
  [{ DATABASE_URL_HOME: URL }, /^DATABASE_URL_HOME is not possible: "home" is the server of/],
])('%o is refused, without a secret', (environment, message) => {
  const refused = serversOf(environment);
  expect(refused).toEqual({ ok: false, problems: [expect.stringMatching(message)] });
  expect(JSON.stringify(refused)).not.toContain('secret');
});
