/**
 * `npm run bench`: real PostgreSQL with fsync on, the server under test, and the load generator in processes of their own;
 * rounds that take the servers in turn; medians. Only ratios within one run mean anything: machines differ and drift.
 */
import { parseArguments } from './arguments.js';
import { audit } from './audit.js';
import { type OpenBench, openBench } from './bench.js';
import { runFacts } from './facts.js';
import { table } from './report.js';
import { merge, type RunFacts, readResults, type StoredWorkload, writeResults } from './results.js';
import type { Workload } from './workload.js';
import { WORKLOADS } from './workloads.js';

const NAMES = WORKLOADS.map(({ name }) => name);

const parsed = parseArguments(process.argv.slice(2), NAMES);
if (!parsed.ok) {
  console.error(parsed.problem);
  process.exit(1);
}
const { options } = parsed;
if (options.list) {
  const width = Math.max(...NAMES.map((name) => name.length));
  for (const { name, about } of WORKLOADS) console.log(`${name.padEnd(width)}  ${about}`);
  process.exit(0);
}
process.exitCode = (await runAll()) ? 0 : 1;

/** Whether everything went right. */
async function runAll(): Promise<boolean> {
  const bench = await openBench(options, (line) => console.error(line));
  let fine = true;
  try {
    const facts = runFacts(options, bench.postgresVersion);
    for (const workload of WORKLOADS.filter(({ name }) => options.names.includes(name))) {
      const stored = await runOne(bench, workload, facts);
      if (stored === null) continue;
      fine = fine && stored.rows.every(({ failures }) => failures === 0);
      writeResults(merge(readResults(), { [workload.name]: stored }, NAMES));
    }
  } finally {
    await bench.close();
  }
  return fine;
}

async function runOne(
  bench: OpenBench,
  workload: Workload,
  run: RunFacts,
): Promise<StoredWorkload | null> {
  console.error(`${workload.name}: ${workload.about}`);
  try {
    const outcome = await workload.run(bench);
    if (outcome.kind === 'SKIPPED') {
      console.error(`${workload.name} was skipped: ${outcome.reason}`);
      return null;
    }
    const used = bench.used();
    const audited = used === null ? null : await audit({ DATABASE_URL: used.url });
    if (audited !== null) console.error(audited.sentence);
    console.log(`\n${table(outcome.rows, outcome.ratios)}\n`);
    const { rows, ratios, remarks, extra } = outcome;
    const { about } = workload;
    return { about, run, rows, ratios, remarks, extra, audit: audited?.sentence ?? null };
  } finally {
    await bench.endWorkload();
  }
}
