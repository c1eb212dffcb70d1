/**
 * `npm run bench`: a real PostgreSQL with fsync, the server under test, and the load generator in separate processes; rounds
 * with all servers in turn; medians. Only ratios within a run are meaningful, because machines differ and drift.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { LARGE_CUSTOMERS, type Options, parseArguments } from './arguments.js';
import { audit } from './audit.js';
import { type OpenBench, openBench } from './bench.js';
import { regressions } from './compare.js';
import { runFacts } from './facts.js';
import { verdicts } from './goals.js';
import { report } from './report.js';
import {
  committedResults,
  merge,
  type Results,
  type RunFacts,
  readResults,
  type StoredWorkload,
  writeResults,
} from './results.js';
import { table } from './table.js';
import type { Workload } from './workload.js';
import { WORKLOADS } from './workloads.js';

const NAMES = WORKLOADS.map(({ name }) => name);
const REPORT = new URL('../../docs/benchmarks.md', import.meta.url);
const NOTES = new URL('../../docs/benchmarks-notes.md', import.meta.url);

const parsed = parseArguments(process.argv.slice(2), NAMES);
if (!parsed.ok) {
  console.error(parsed.problem);
  process.exitCode = 1;
} else if (parsed.options.list) {
  const width = Math.max(...NAMES.map((name) => name.length));
  for (const { name, about } of WORKLOADS) console.log(`${name.padEnd(width)}  ${about}`);
} else {
  process.exitCode = (await runAll(parsed.options)) ? 0 : 1;
}

/** Returns whether everything succeeded. */
async function runAll(options: Options): Promise<boolean> {
  const committed = committedResults();
  const bench = await openBench(options, (line) => console.error(line));
  const measured: Record<string, StoredWorkload> = {};
  let fine = true;
  try {
    const facts = runFacts(options, bench.server);
    for (const workload of WORKLOADS.filter(({ name }) => options.names.includes(name))) {
      const ran = await runOne(bench, workload, facts);
      fine = fine && ran.fine;
      if (ran.stored === null) continue;
      measured[workload.name] = ran.stored;
      // After each workload, so that the results of an interrupted run are not lost.
      if (isWritten(workload, options)) write(workload.name, ran.stored);
    }
  } finally {
    await bench.close();
  }
  return reportRegressions(committed, { workloads: measured }, options) && fine;
}

interface Ran {
  readonly stored: StoredWorkload | null;
  /** No failures and no damage. A workload that cannot run here is fine as well. */
  readonly fine: boolean;
}

async function runOne(bench: OpenBench, workload: Workload, run: RunFacts): Promise<Ran> {
  console.error(`\n${workload.name}: ${workload.about}`);
  try {
    const outcome = await workload.run(bench);
    if (outcome.kind === 'SKIPPED') {
      console.error(`${workload.name} was skipped: ${outcome.reason}`);
      return { stored: null, fine: true };
    }
    const used = bench.used();
    const audited = used === null ? null : await audit({ DATABASE_URL: used.url });
    const { rows, ratios, remarks, extra } = outcome;
    console.log(`\n${table(rows, ratios)}\n`);
    for (const remark of remarks) console.log(`${remark}\n`);
    if (audited !== null) console.error(audited.sentence);
    const { about } = workload;
    const stored = { about, run, rows, ratios, remarks, extra, audit: audited?.sentence ?? null };
    const failures = rows.reduce((sum, row) => sum + row.failures, 0);
    if (failures > 0) console.error(`${failures} answers were not what they should be.`);
    return { stored, fine: failures === 0 && audited?.clean !== false };
  } catch (error) {
    // The others can still be measured.
    console.error(error);
    return { stored: null, fine: false };
  } finally {
    await bench.endWorkload();
  }
}

/** Figures from a smaller database than stated are not written. */
function isWritten({ name }: Workload, { write, largeCustomers }: Options): boolean {
  return write && (!name.startsWith('large-') || largeCustomers === LARGE_CUSTOMERS);
}

function write(name: string, stored: StoredWorkload): void {
  const results = merge(readResults(), { [name]: stored }, NAMES);
  writeResults(results);
  const notes = readFileSync(NOTES, 'utf8');
  writeFileSync(REPORT, report({ results, notes }));
}

/** Reports regressions; returns whether the run passes. */
function reportRegressions(committed: Results, measured: Results, { strict }: Options): boolean {
  for (const { goal, measured: figures, verdict } of verdicts(measured)) {
    if (verdict !== 'not measured') console.log(`${verdict}: ${goal.load}: ${figures}`);
  }
  const worse = regressions(committed, measured);
  for (const sentence of worse) console.error(sentence);
  if (worse.length > 0) console.error('Compared with the figures that were committed last.');
  return worse.length === 0 || !strict;
}
