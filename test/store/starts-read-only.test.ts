/** The message about a read-only server names the cause and how to undo it. */
import { chown, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabaseOn } from '../support/database/databases.js';
import { messageOf, refusalsOf, run } from '../support/gateway/starts.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';

let postgres: TestPostgres;
let url: string;

beforeAll(async () => {
  postgres = await startPostgres({ own: true });
  ({ url } = await createDatabaseOn(postgres.url));
});
afterAll(() => postgres.stop());

const WRITING = 'SET default_transaction_read_only = off';
const NAMED = /^The database \w+ does not accept writes from the role postgres: /;

it.each<[what: string, set: string[], reset: string[], told: RegExp]>([
  [
    'the role is read-only',
    ['ALTER ROLE postgres SET default_transaction_read_only = on'],
    ['ALTER ROLE postgres RESET default_transaction_read_only'],
    /ALTER ROLE postgres RESET default_transaction_read_only;$/,
  ],
  [
    "the server's configuration is read-only",
    ['ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()'],
    ['ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()'],
    / Undo it in the server's configuration\.$/,
  ],
])(
  'a start on a read-only database fails with the way to undo it if %s',
  async (_what, set, reset, told) => {
    await run(url, WRITING, ...set);
    const message = () => refusalsOf({ DATABASE_URL: url });
    await expect.poll(message).toEqual([expect.stringMatching(told)]);
    expect(await messageOf({ DATABASE_URL: url })).toMatch(NAMED);
    await run(url, WRITING, ...reset);
    await expect.poll(message).toEqual([]);
  },
);

it('a start fails with the way to undo it if DATABASE_URL makes the session read-only', async () => {
  const options = encodeURIComponent('-c default_transaction_read_only=on');
  const message = await messageOf({ DATABASE_URL: `${url}?options=${options}` });
  expect(message).toMatch(NAMED);
  expect(message).toMatch(/ Remove it from the options in DATABASE_URL or PGOPTIONS\.$/);
});

it('a start on a standby fails with a message', async () => {
  const data = postgres.dataDirectory ?? '';
  const { uid, gid } = await stat(data);
  await postgres.shutdown();
  await writeFile(join(data, 'standby.signal'), '');
  await chown(join(data, 'standby.signal'), uid, gid);
  await postgres.start();
  expect(await messageOf({ DATABASE_URL: url })).toBe(
    'The server is a standby, which does not accept writes. Set DATABASE_URL to the primary.',
  );
});
