import pg from 'pg';
import { units } from './src/domain/quantity.js';
import { createCommands } from './src/meter/commands.js';
import { createBalance } from './src/meter/create-balance.js';
import { customerScope } from './src/meter/customer-key.js';
import { trackBalance } from './src/meter/track-balance.js';
import { uuidV7 } from './src/platform/id.js';
import { openDatabase } from './src/store/database.js';
import { createWritePath } from './src/store/write-path.js';
import { createDatabaseOn, createTemplate } from './test/support/databases.js';
import { startPostgres } from './test/support/postgres.js';

const lanes = Number(process.argv[2] ?? 2);
const C = Number(process.argv[3] ?? 10000);
const conc = Number(process.argv[4] ?? 256);
const keyed = process.argv[5] === 'keyed';
const server = await startPostgres({ durable: true, own: true });
const template = await createTemplate(server.url);
const created = await createDatabaseOn(server.url, (template as any).name ?? template);
const client = new pg.Client({ connectionString: created.url });
await client.connect();
const database = openDatabase({
  address: { connectionString: created.url },
  poolMax: 10,
  acquireTimeoutMs: 5000,
  statementTimeoutMs: 10000,
  onIdleError: () => undefined,
});
const store = createWritePath({
  prisma: database.prisma,
  clockOffsetMs: () => 0,
  acquireTimeoutMs: 5000,
  transactionTimeoutMs: 10000,
});
const commands = createCommands({
  store,
  lanes,
  batchItemsMax: 500,
  batchBytesMax: 4e6,
  queueItemsMax: 1e5,
  rememberedBalancesMax: 1e5,
  monotonicMs: () => performance.now(),
});
const projectId = uuidV7();
const ctx: any = { caller: { projectId }, store, commands };
await client.query(`INSERT INTO projects (id, name) VALUES ($1, 'p')`, [projectId]);
await client.query(
  `INSERT INTO features (project_id, id, name, type) VALUES ($1, 'messages', 'm', 'CONSUMABLE')`,
  [projectId],
);
for (let i = 0; i < C; i += 1)
  await client.query('INSERT INTO customers (customer_key, project_id, id) VALUES ($1, $2, $3)', [
    customerScope(projectId, `c${i}`).customerKey,
    projectId,
    `c${i}`,
  ]);
const g = (i: number) =>
  createBalance(ctx, {
    customerId: `c${i}`,
    featureId: 'messages',
    entityId: null,
    granted: units(1e9),
    unlimited: false,
    priority: 0,
    reset: {
      interval: { unit: 'MONTH', count: 1 },
      anchor: null,
      rollover: null,
      carryOverage: false,
    },
    startsAt: null,
    expiresAt: null,
    overageAllowed: null,
    overageLimit: null,
    idempotencyKey: null,
  } as any);
for (let i = 0; i < C; i += 200)
  await Promise.all(Array.from({ length: Math.min(200, C - i) }, (_, j) => g(i + j)));
await client.query('VACUUM ANALYZE');

import { readFileSync } from 'node:fs';

const src = readFileSync('./src/store/commit.ts', 'utf8');
const sql = src.slice(src.indexOf('const COMMIT = `') + 16, src.indexOf('FROM clock`;') + 10);
const ks = Array.from({ length: 120 }, (_, i) => customerScope(projectId, `c${i * 7}`).customerKey);
const { rows } = await client.query(
  'SELECT b.customer_key, b.id, c.version, b.ledger_seq FROM balances b JOIN customers c USING (customer_key) WHERE customer_key = ANY($1)',
  [ks],
);

import { uuidTail } from './src/platform/id.js';

const mk = () => [
  JSON.stringify(
    rows.map((r) => ({
      customer_key: r.customer_key,
      project_id: projectId,
      version: Number(r.version),
      catalog_version: 0,
      valid_from: null,
      valid_until: '2030-01-01T00:00:00Z',
      writes: true,
      keys: [],
    })),
  ),
  JSON.stringify(
    rows.map((r) => ({
      customer: r.customer_key,
      tail: (r.tail = uuidTail()),
      at: null,
      entity: null,
      feature: 'messages',
      name: null,
      value: '1',
      properties: '{"model":"x"}',
      key: null,
      outcome:
        '{"deductions":[{"balanceId":"x","featureId":"messages","amount":"1"}],"unapplied":[]}',
    })),
  ),
  JSON.stringify(
    rows.map((r) => ({
      customer: r.customer_key,
      balance: r.id,
      seq: Number(r.ledger_seq) + 1,
      kind: 'TRACK',
      amount: '-1',
      granted: '1000000000',
      used: '1',
      tail: r.tail,
      at: null,
      effective: null,
    })),
  ),
  JSON.stringify(
    rows.map((r) => ({
      customer: r.customer_key,
      id: r.id,
      granted: '1000000000',
      used: '1',
      rollovers: [],
      next_reset: '2030-01-01T00:00:00Z',
      expired: null,
      seq: Number(r.ledger_seq) + 1,
    })),
  ),
  '[]',
  0,
];
await client.query('SET enable_seqscan=off');
await client.query('SET plan_cache_mode = force_generic_plan');
await client.query('PREPARE x(text,text,text,text,text,float8) AS ' + sql);
const lit = (v: any) => (typeof v === 'number' ? String(v) : `'${v.replaceAll("'", "''")}'`);
for (let i = 0; i < 3; i++) {
  const ps = mk();
  const t = performance.now();
  const r = await client.query(
    'EXPLAIN (ANALYZE, BUFFERS, COSTS ON) EXECUTE x(' + ps.map(lit).join(',') + ')',
  );
  for (const q of rows) {
    q.version = Number(q.version) + 1;
    q.ledger_seq = Number(q.ledger_seq) + 1;
  }
  if (i === 2) {
    console.log(r.rows.map((x: any) => x['QUERY PLAN']).join('\n'));
    console.log('ms', performance.now() - t);
  }
}
for (let i = 0; i < 5; i++) {
  const ps = mk();
  const t = performance.now();
  await client.query('EXECUTE x(' + ps.map(lit).join(',') + ')');
  for (const q of rows) {
    q.version = Number(q.version) + 1;
    q.ledger_seq = Number(q.ledger_seq) + 1;
  }
  console.log('exec ms', performance.now() - t);
}
await client.end();
await database.close();
await server.stop();
