/** A migration does not keep its locks once its process is gone, however long its statement takes. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectOnce } from '../../src/store/database.js';
import { endWithClient } from '../../src/store/migration-session.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';
import { type OtherSessions, openOtherSessions } from '../support/database/other-sessions.js';

let database: TestDatabase;
let otherSessions: OtherSessions;

beforeEach(async () => {
  database = await createEmptyDatabase();
  otherSessions = openOtherSessions(database.url);
});

afterEach(async () => {
  await otherSessions.close();
  await database.drop();
});

it('ends within seconds of its client, in the middle of a statement', async () => {
  const client = await connectOnce({ connectionString: database.url }, 20_000);
  await client.query('BEGIN');
  await endWithClient(client);
  await client.query('CREATE TABLE locked (n integer)');
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  const ended = client.query('SELECT pg_sleep(600)').catch(() => undefined);
  const isThere = async () =>
    (await otherSessions.rows(`SELECT FROM pg_stat_activity WHERE pid = ${rows[0]?.pid}`)).length >
    0;
  expect(await isThere()).toBe(true);
  client.connection.stream.destroy();
  await ended;
  await expect.poll(isThere, { timeout: 60_000 }).toBe(false);
});

it('is limited for its own transaction only', async () => {
  const client = await connectOnce({ connectionString: database.url }, 20_000);
  const limits = async () =>
    (
      await client.query(`SELECT current_setting('idle_in_transaction_session_timeout') AS idle,
        current_setting('client_connection_check_interval') AS check`)
    ).rows[0];
  await client.query('BEGIN');
  await endWithClient(client);
  expect(await limits()).toEqual({ idle: '1min', check: '1s' });
  await client.query('ROLLBACK');
  expect(await limits()).toEqual({ idle: '0', check: '0' });
  await client.end();
});
