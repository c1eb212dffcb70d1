/**
 * Tollgate behind a pooler, on a database with hostile settings, beside another program that changes settings on the
 * connections that both use:
 *
 *     npm run test:pgbouncer
 */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { connect } from '../support/database/connections.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database/database.js';
import { HOSTILE, makeHostile } from '../support/database/hostile.js';
import { runCommand } from '../support/gateway/command.js';
import { startTollgate, type Tollgate } from '../support/gateway/gateway-process.js';
import { expectExact } from '../support/load/exact.js';
import { prepareLoad, startLoad } from '../support/load/load.js';
import {
  keepsStatements,
  type PgBouncer,
  type PoolMode,
  startPgBouncer,
} from '../support/postgres/pgbouncer.js';
import { seedOf } from '../support/random/random.js';

const EVENTS = 2_000;

/** What Tollgate logs if a pooler loses its prepared statements. */
const ADVICE = /does not keep prepared statements/;

const MODES: readonly PoolMode[] = ['transaction', 'session'];

describe.each(MODES)('behind PgBouncer with %s pooling', (mode) => {
  let database: TestDatabase;
  let pgBouncer: PgBouncer;
  let tollgate: Tollgate;
  let client: Client;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    await makeHostile(database.url);
    pgBouncer = await startPgBouncer(inject('postgresUrl'), mode);
    const environment = { DATABASE_URL: pgBouncer.urlOf(database.url) };
    const made = await runCommand('commands/keys.ts', ['create'], environment);
    expect(made).toMatchObject({ code: 0 });
    tollgate = await startTollgate({ ...environment, LOG_LEVEL: 'warn' });
    client = createClient(tollgate.origin, made.stdout.trim());
  });

  afterAll(async () => {
    expect(await tollgate.stop()).toBe(0);
    await pgBouncer.stop();
    await database.drop();
  });

  it('answers every call correctly and once, and leaves no settings behind for others', async () => {
    const before = Date.now();
    await prepareLoad(client);
    const other = await startOtherProgram(pgBouncer.urlOf(database.url));
    const load = startLoad({ seed: seedOf(`PgBouncer ${mode}`), client: () => client });
    try {
      for (let done = 0; done < EVENTS; done += EVENTS / 20) {
        await load.more(EVENTS / 20);
        const entityId = `seat${done}`;
        expect(await operations.createEntity(client, 'ada', entityId)).toBeNull();
        expect(await operations.look(client, 'ada', 'messages', entityId)).toMatchObject({
          granted: 1_000_000,
        });
      }
      await load.finish();
    } finally {
      load.abandon();
      await other.stop();
    }
    expect(load.failures).toEqual(new Map());
    await expectExact({ connectionString: database.url }, load);
    expect(other.foreign()).toEqual([]);

    const events = await operations.events(client, 'ada');
    expect(events.length).toBeGreaterThan(0);
    for (const { recordedAt } of events) {
      expect(Date.parse(recordedAt)).toBeGreaterThan(before - 1_000);
      expect(Date.parse(recordedAt)).toBeLessThan(Date.now() + 1_000);
    }
    const isLost = mode === 'transaction' && !keepsStatements();
    if (isLost) expect(tollgate.output()).toMatch(ADVICE);
    else expect(tollgate.output()).not.toMatch(ADVICE);
  }, 120_000);

  it('lists keys and audits in other processes', async () => {
    const environment = { DATABASE_URL: pgBouncer.urlOf(database.url) };
    const listed = await runCommand('commands/keys.ts', ['list'], environment);
    const today = new Date().toISOString().slice(0, 10);
    expect(listed.stdout).toContain(`created ${today}`);
    const audited = await runCommand('commands/audit.ts', [], environment);
    expect(audited).toMatchObject({ code: 0 });
    expect(audited.stdout).toMatch(/^15 balances checked: each is the sum of its ledger\.$/m);
  });
});

it('statement pooling is refused with a message', async () => {
  const pgBouncer = await startPgBouncer(inject('postgresUrl'), 'statement');
  const database = await createEmptyDatabase();
  const environment = { DATABASE_URL: pgBouncer.urlOf(database.url) };
  const { code, stderr } = await runCommand('main.ts', [], environment);
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
  expect(stderr).toMatch(/pool_mode/);
  await pgBouncer.stop();
  await database.drop();
});

/** What another program sets and then checks: a value that neither it nor the database chose comes from Tollgate. */
const OTHER_SETTINGS: Readonly<Record<string, string>> = {
  search_path: 'nowhere',
  TimeZone: 'Pacific/Chatham',
  lock_timeout: '250ms',
  enable_seqscan: 'on',
  jit: 'on',
  synchronous_commit: 'off',
  array_nulls: 'off',
  default_transaction_isolation: 'repeatable read',
};

const CHOSEN = new Map(
  Object.entries(OTHER_SETTINGS).map(([name, value]) => [name, new Set([value, HOSTILE[name]])]),
);

async function startOtherProgram(url: string) {
  const clients = await Promise.all(Array.from({ length: 3 }, () => connect(url)));
  const foreign = new Set<string>();
  let stopped = false;
  const changeSettings = async (client: pg.Client) => {
    // By default, others in the session would find this table first.
    const shadow = 'CREATE TEMP TABLE IF NOT EXISTS customers (customer_key text)';
    for (let turn = 0; !stopped; turn += 1) {
      const [name = '', value = ''] = Object.entries(OTHER_SETTINGS)[turn % 8] ?? [];
      const { rows } = await client.query(`SHOW ${name}`);
      const found = String(Object.values(rows[0])[0]);
      if (!CHOSEN.get(name)?.has(found)) foreign.add(`${name} = ${found}`);
      await client.query(`SET ${name} = '${value}'`);
      if (turn % 8 === 0) await client.query(shadow);
    }
  };
  const all = Promise.all(clients.map(changeSettings));
  return {
    foreign: () => [...foreign],
    stop: async () => {
      stopped = true;
      await all;
      for (const client of clients) await client.end();
    },
  };
}
