/** PGPORT does not change the port of an address in DATABASE_URL. */
import pg from 'pg';
import { afterEach, expect, it, vi } from 'vitest';
import { withPort } from '../../src/store/port.js';

afterEach(() => vi.unstubAllEnvs());

it.each([
  ['postgresql://db/usage', 'db', 5432],
  ['postgresql://me:p%40ss@db.example/usage?sslmode=disable', 'db.example', 5432],
  ['postgresql://db:6432/usage', 'db', 6432],
  ['postgresql://db/usage?port=7432', 'db', 7432],
  ['postgresql://[::1]/usage', '::1', 5432],
  ['postgresql:///usage?host=/var/run/postgresql', '/var/run/postgresql', 5432],
  ['postgresql:///usage?host=/var/run/postgresql&port=6543', '/var/run/postgresql', 6543],
  ['postgresql://%2Fvar%2Frun%2Fpostgresql/usage', '/var/run/postgresql', 5432],
])('%s is on the host %s and the port %i', (url, host, port) => {
  vi.stubEnv('PGPORT', '1');
  const client = new pg.Client({ connectionString: withPort(url) });
  expect(client).toMatchObject({ host, port, database: 'usage' });
});
