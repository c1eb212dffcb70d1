/** docs/operations/backup.md, for PostgreSQL: what pg_dump and base backups give back, and how calls go on from there. */
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../src/store/migrate.js';
import { type Client, createClient } from '../support/client/client.js';
import { track } from '../support/client/operations.js';
import { withClient } from '../support/database/connections.js';
import { damagesOf } from '../support/database/project.js';
import { startLocalGateway } from '../support/gateway/local-gateway.js';
import { prepareLoad, type SentEvent, startLoad } from '../support/load/load.js';
import { type DebianServer, startDebianServer } from '../support/postgres/debian-server.js';
import { seedOf } from '../support/random/random.js';

let server: DebianServer;
/** Where the server that is running has its data. */
let data: string;

const archive = (folder: string) => join(folder, 'archive');

beforeAll(async () => {
  server = await startDebianServer((folder) => [
    'archive_mode = on',
    `archive_command = 'test ! -f ${archive(folder)}/%f && cp %p ${archive(folder)}/%f.part && mv ${archive(folder)}/%f.part ${archive(folder)}/%f'`,
  ]);
  data = server.data;
  await server.run('/bin/mkdir', archive(server.folder));
});
afterAll(async () => {
  await server.stop(data, 'immediate');
  await server.remove();
});

const create = (name: string) =>
  server.run('createdb', '--encoding=UTF8', '--template=template0', name);

/** A database of its own, with what a load needs; returns its key. */
async function prepare(name: string): Promise<string> {
  await create(name);
  const address = { connectionString: server.urlOf(name) };
  await migrate({ address, connectTimeoutMs: 10_000 });
  const gateway = await startLocalGateway(address);
  await prepareLoad(createClient(gateway.origin, gateway.secret));
  await gateway.close();
  return gateway.secret;
}

interface Usage {
  readonly secret: string;
  readonly before: readonly SentEvent[];
  /** After all of that, and before the next. */
  readonly moment: string;
  /** The key of the usage that was acknowledged last. */
  readonly lost: string;
}

/** Takes a backup under load, and then records what is not in it. */
async function underLoad(name: string, backUp: () => Promise<unknown>): Promise<Usage> {
  const secret = await prepare(name);
  const gateway = await startLocalGateway({ connectionString: server.urlOf(name) });
  const client = createClient(gateway.origin, secret);
  const load = startLoad({ seed: seedOf(name), client: () => client, callers: 4 });
  await load.more(40);
  const before = [...load.acknowledged];
  await backUp();
  await load.finish();
  const moment = await ask(name, 'SELECT clock_timestamp()::text AS answer');
  const lost = `after ${name}`;
  expect(await track(client, 'ada', usage(lost))).toMatchObject({ replayed: false });
  await gateway.close();
  expect(load.unexpected).toEqual([]);
  return { before: name === 'dump' ? before : [...load.acknowledged], moment, lost, secret };
}

const usage = (idempotencyKey: string) => ({ featureId: 'messages', value: 1, idempotencyKey });

/** Audits, retries calls with their keys, and goes on. */
async function expectRestored(database: string, { secret, before, lost }: Usage): Promise<void> {
  const address = { connectionString: server.urlOf(database) };
  expect(await damagesOf(address)).toEqual([]);
  const gateway = await startLocalGateway(address);
  try {
    const client = createClient(gateway.origin, secret);
    for (const { customerId, key, what, value } of before) {
      expect(await again(client, customerId, { ...what, value, idempotencyKey: key })).toBe(true);
    }
    expect(await again(client, 'ada', usage(lost))).toBe(false);
    expect(await again(client, 'ada', usage(lost))).toBe(true);
  } finally {
    await gateway.close();
  }
  expect(await damagesOf(address)).toEqual([]);
}

async function again(client: Client, customerId: string, input: Parameters<typeof track>[2]) {
  const answer = await track(client, customerId, input);
  return 'replayed' in answer ? answer.replayed : answer;
}

it('pg_dump and pg_restore', async () => {
  const file = join(server.folder, 'tollgate.dump');
  const usage = await underLoad('dump', () =>
    server.run('pg_dump', '--format=custom', `--file=${file}`, server.urlOf('dump')),
  );
  await create('restored');
  const to = `--dbname=${server.urlOf('restored')}`;
  const careful = ['--exit-on-error', '--single-transaction', '--no-owner'];
  await server.run('pg_restore', ...careful, to, file);
  await server.run('psql', server.urlOf('restored'), '--command=ANALYZE');
  await expectRestored('restored', usage);
});

it('pg_basebackup and the archived log, to a point in time', async () => {
  const base = join(server.folder, 'base');
  const usage = await underLoad('log', async () => {
    await server.run('pg_basebackup', `--pgdata=${base}`, '--checkpoint=fast', '--wal-method=none');
  });
  await withClient(server.urlOf('log'), (client) => client.query('SELECT pg_switch_wal()'));
  await server.stop(data, 'fast');
  await fs.appendFile(
    join(base, 'postgresql.conf'),
    `restore_command = 'cp ${archive(server.folder)}/%f %p'
    recovery_target_time = '${usage.moment}'
    recovery_target_inclusive = off
    recovery_target_action = 'promote'\n`,
  );
  await server.run('/bin/touch', join(base, 'recovery.signal'));
  data = base;
  await server.start(data);
  await expect.poll(() => ask('log', 'SELECT pg_is_in_recovery()::text AS answer')).toBe('false');
  await expectRestored('log', usage);
});

async function ask(name: string, question: string): Promise<string> {
  return withClient(server.urlOf(name), async (client) => {
    const { rows } = await client.query<{ answer: string }>(question);
    return rows[0]?.answer ?? '';
  });
}
