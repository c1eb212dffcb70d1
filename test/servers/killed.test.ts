/**
 * What callers see while the servers and the gateways are killed in turn: a call without an answer takes effect once or never.
 * `TEST_KILLS=60 npx vitest run --project servers test/servers/killed.test.ts` runs it for longer.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withClient } from '../support/database/connections.js';
import type { TestDatabase } from '../support/database/databases.js';
import { createOnTwoServers, createTemplates, SECOND } from '../support/database/two-servers.js';
import { expectExactThroughKills } from '../support/linearizability/killed-run.js';
import { startPostgres, type TestPostgres } from '../support/postgres/postgres.js';
import { seedOf } from '../support/random/random.js';

const KILLS = Number(process.env['TEST_KILLS'] ?? 3);

let servers: readonly [home: TestPostgres, second: TestPostgres];
let database: TestDatabase;

beforeAll(async () => {
  const start = () => startPostgres({ own: true, durable: true });
  servers = await Promise.all([start(), start()]);
  const urls = { home: servers[0].url, second: servers[1].url };
  const template = await createTemplates(urls);
  database = await createOnTwoServers(urls, template.name);
});

afterAll(async () => {
  await database.drop();
  for (const server of servers) await server.stop();
});

it('while both servers and the gateways are killed in turn', { timeout: 1_800_000 }, async () => {
  const seed = seedOf('histories with kills of two servers');
  await expectExactThroughKills('kills of two servers', {
    databaseUrl: database.url,
    kills: KILLS,
    seed,
    servers,
  });
  const used = 'SELECT count(*)::int AS events FROM every_place.events';
  for (const url of [database.url, database.servers.get(SECOND) ?? '']) {
    const { rows } = await withClient(url, (client) => client.query(used));
    expect(rows[0].events).toBeGreaterThan(0);
  }
});
