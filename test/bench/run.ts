/**
 * `npm run bench`: real PostgreSQL with fsync on, the server under test, and the load generator in processes of their own;
 * rounds that take the targets in turn; medians. Only ratios within one run mean anything: machines differ and drift.
 */
import { createServer } from 'node:net';
import { createDatabaseOn, createTemplate } from '../support/databases.js';
import { startPostgres } from '../support/postgres.js';
import { type BenchData, createData } from './data.js';
import { type Measurement, measure, type Target } from './measure.js';
import { table, writeReport } from './report.js';

const CUSTOMERS = 10_000;
const CONNECTIONS = 256;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** Long enough for most customers to have been seen, as in a service that has run for a while. */
const WARM_UP_MS = 10_000;
const MEASURE_MS = Number(process.env['BENCH_SECONDS'] ?? 8) * 1_000;

/** The first is what the others are compared with. */
const TARGETS = ['stock', 'straight', 'tollgate'] as const;

export type TargetName = (typeof TARGETS)[number];

const postgres = await startPostgres({ durable: true, own: true });
try {
  const template = await createTemplate(postgres.url);
  const database = await createDatabaseOn(postgres.url, template.name);
  const data = await createData(database.url, CUSTOMERS);
  const results = new Map<TargetName, Measurement[]>();
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const name of TARGETS) {
      const measurement = await measure(
        await targetOf(name, database.url, data),
        {
          secret: data.secret,
          connections: CONNECTIONS,
          warmUpMs: WARM_UP_MS,
          measureMs: MEASURE_MS,
          customers: CUSTOMERS,
          withKeys: false,
        },
        postgres.pid() ?? 0,
      );
      if (measurement.failures > 0) {
        throw new Error(
          `${name}: ${measurement.failures} failures, such as ${measurement.failure}`,
        );
      }
      results.set(name, [...(results.get(name) ?? []), measurement]);
      console.error(
        `round ${round} of ${ROUNDS}: ${name} ${Math.round(measurement.requestsPerSecond)}/s`,
      );
    }
  }
  console.log(table(results));
  await writeReport(results, { customers: CUSTOMERS, connections: CONNECTIONS, rounds: ROUNDS });
} finally {
  await postgres.stop();
}

async function targetOf(name: TargetName, url: string, data: BenchData): Promise<Target> {
  if (name !== 'tollgate') {
    return {
      module: `./targets/${name}.ts`,
      environment: { DATABASE_URL: url, BENCH_PROJECT: data.projectId },
      port: null,
    };
  }
  // The program as it is shipped, which knows nothing of benchmarks.
  const port = await freePort();
  return {
    module: '../../dist/main.js',
    environment: { DATABASE_URL: url, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn' },
    port,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
