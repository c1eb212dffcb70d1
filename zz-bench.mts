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
let n = 0;
let k = 0;
const lat: number[] = [];
const until = performance.now() + 1000 * Number(process.argv[6] ?? 6);
let measuring = false;
import fs from 'node:fs';
import inspector from 'node:inspector/promises';
const session = new inspector.Session();
session.connect();
await session.post('Profiler.enable');
setTimeout(async () => {
  await session.post('Profiler.start');
  measuring = true;
  n = 0;
  lat.length = 0;
  cpu0 = process.cpuUsage();
  t0 = performance.now();
}, 2000);
let cpu0 = process.cpuUsage();
let t0 = performance.now();
await Promise.all(
  Array.from({ length: conc }, async () => {
    while (performance.now() < until) {
      const s = performance.now();
      const a = await trackBalance(ctx, {
        customerId: `c${Math.floor(Math.random() * C)}`,
        featureId: 'messages',
        eventName: null,
        value: units(1),
        properties: { model: 'x' },
        idempotencyKey: keyed ? `k${k++}` : null,
        entityId: null,
        timestamp: null,
        overageBehavior: 'CAP',
      });
      if (!a.ok) throw new Error(JSON.stringify(a));
      n += 1;
      lat.push(performance.now() - s);
    }
  }),
);
fs.writeFileSync(
  '/tmp/scratch/run.cpuprofile',
  JSON.stringify((await session.post('Profiler.stop')).profile),
);
const el = (performance.now() - t0) / 1000;
const cpu = process.cpuUsage(cpu0);
lat.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    lanes,
    C,
    conc,
    keyed,
    perS: Math.round(n / el),
    cpuUsPerOp: Math.round((cpu.user + cpu.system) / n),
    p50: lat[lat.length >> 1]!.toFixed(1),
    p99: lat[Math.floor(lat.length * 0.99)]!.toFixed(1),
  }),
);
await client.end();
await database.close();
await server.stop();
