import { fork, spawn } from 'node:child_process';
import { createData } from './test/bench/data.js';
import { createDatabaseOn, createTemplate } from './test/support/databases.js';
import { startPostgres } from './test/support/postgres.js';

const pgs = await startPostgres({ durable: true, own: true });
const t = await createTemplate(pgs.url);
const db = await createDatabaseOn(pgs.url, t.name);
const data = await createData(db.url, 10000);
const port = 45671;
const server = spawn(
  process.execPath,
  ['--cpu-prof', '--cpu-prof-dir=/tmp/scratch/gw', 'dist/main.js'],
  {
    env: {
      ...process.env,
      DATABASE_URL: db.url,
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: 'warn',
      ...(process.argv[3] ? JSON.parse(process.argv[3]) : {}),
    },
    stdio: 'inherit',
  },
);
for (;;) {
  const a = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => null);
  if (a?.ok) break;
  await new Promise((r) => setTimeout(r, 100));
}
const load = fork('./test/bench/load.ts', { execArgv: ['--import', 'tsx'] });
load.on('message', (m: any) => {
  if (m.kind === 'RESULT') {
    console.log(JSON.stringify(m.result));
    server.kill('SIGTERM');
  }
});
load.send({
  port,
  secret: data.secret,
  connections: 256,
  warmUpMs: 3000,
  measureMs: Number(process.argv[2] ?? 8000),
  customers: 10000,
  withKeys: process.argv[4] === 'keys',
});
await new Promise((r) => server.once('exit', r));
await pgs.stop();
process.exit(0);
