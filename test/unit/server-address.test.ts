/** The parts of an address are the same to the driver and to messages, however they are escaped, and PGPORT changes none. */
import { createServer } from 'node:net';
import pg from 'pg';
import { afterEach, expect, it, vi } from 'vitest';
import { openDatabase } from '../../src/store/database.js';
import { partsFor, readAddress } from '../../src/store/server-address.js';
import { tlsOf } from '../../src/store/tls.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';

afterEach(() => vi.unstubAllEnvs());

/** Not connected. */
const clientOf = (url: string) => new pg.Client(partsFor(readAddress(url)));

it.each([
  ['postgresql://db/usage', 'db', 5432],
  ['postgresql://me:p%40ss@db.example/usage?sslmode=disable', 'db.example', 5432],
  ['postgresql://db:6432/usage', 'db', 6432],
  ['postgresql://db/usage?port=7432', 'db', 7432],
  ['postgresql://db:6432/usage?host=other&port=7432', 'other', 7432],
  ['postgresql://[::1]/usage', '::1', 5432],
  ['postgresql:///usage?host=/var/run/postgresql', '/var/run/postgresql', 5432],
  ['postgresql:///usage?host=/var/run/postgresql&port=6543', '/var/run/postgresql', 6543],
  ['postgresql://%2Fvar%2Frun%2Fpostgresql/usage', '/var/run/postgresql', 5432],
  ['postgresql://%2Fvar%2Frun/usage?host=other', 'other', 5432],
])('%s is on the host %s and the port %i', (url, host, port) => {
  vi.stubEnv('PGPORT', '1');
  vi.stubEnv('PGHOST', 'elsewhere');
  const client = clientOf(url);
  expect(client).toMatchObject({ host, port, database: 'usage' });
});

/** Everything printable, a word in another script, and escapes that are part of the text. */
const TEXTS = [
  ...Array.from({ length: 95 }, (_, index) => `a${String.fromCharCode(32 + index)}b`),
  'größe',
  '数据',
  'a%2Bb',
  'a%20b',
  '%25',
];

it.each(TEXTS)('%s is the same in every part', (text) => {
  const escaped = encodeURIComponent(text);
  const url = `postgresql://${escaped}:${escaped}@db/${escaped}?application_name=${escaped}`;
  for (const address of [url, `${url}&options=-c a=1`, `${url}&extra=100%`]) {
    const client = clientOf(address);
    expect(client).toMatchObject({ host: 'db', database: text, user: text, password: text });
    expect(Reflect.get(client, 'connectionParameters')).toMatchObject({ application_name: text });
  }
});

it('an unescaped plus sign in the name of a database is one', () => {
  expect(readAddress('postgresql://db/a+b').database).toBe('a+b');
});

it('the driver is given the name of the database as it was meant', async () => {
  const server = createServer();
  const message = new Promise<string>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        resolve(data.toString('utf8'));
        socket.destroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address instanceof Object ? address.port : 0;
  const database = openDatabase({
    address: { connectionString: `postgresql://m%2Be:x@127.0.0.1:${port}/a%2Bb%3Fc%23d` },
    poolMax: 1,
    readPoolMax: 1,
    ...PATIENT_DATABASE,
    onIdleError: () => undefined,
  });
  await expect(database.pool.query({ text: 'SELECT 1', values: [] })).rejects.toThrow();
  const start = (await message).split('\0');
  expect(start[start.indexOf('user') + 1]).toBe('m+e');
  expect(start[start.indexOf('database') + 1]).toBe('a+b?c#d');
  await database.close();
  server.close();
});

it.each<[parameters: string, expected: unknown]>([
  ['', false],
  ['sslmode=disable', false],
  ['sslmode=require&host=/socket', false],
  ['ssl=0', false],
  ['ssl=false', false],
  ['ssl=true', {}],
  ['ssl=1', {}],
  ['ssl=no-verify', { rejectUnauthorized: false }],
  ['sslnegotiation=direct', {}],
  ['sslmode=verify-full', {}],
  ['sslmode=allow', { rejectUnauthorized: false }],
  ['sslmode=prefer', { rejectUnauthorized: false }],
  ['sslmode=require', { rejectUnauthorized: false }],
  ['sslmode=no-verify', { rejectUnauthorized: false }],
])('an address with %s is encrypted with %j', (parameters, expected) => {
  expect(tlsOf(readAddress(`postgresql://db/usage?${parameters}`))).toEqual(expected);
});
