/** Writes docs/benchmarks.md. */
import { verdicts } from './goals.js';
import type { Results, RunFacts, StoredWorkload } from './results.js';
import { table } from './table.js';
import { number } from './text.js';

export interface ReportParts {
  readonly results: Results;
  /** The handwritten notes: docs/benchmarks-notes.md. */
  readonly notes: string;
}

/** The whole page, which is generated except for the notes. */
export function report({ results, notes }: ReportParts): string {
  const latest = latestRun(results);
  const sections = Object.entries(results.workloads).map(([name, workload]) =>
    workloadSection(name, workload, latest),
  );
  return `${[
    INTRODUCTION,
    latest === null ? 'Nothing has been measured yet.' : factsSection(latest),
    targetsSection(results),
    ...sections,
    notes.trim(),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `# Benchmarks

Written by \`npm run bench\`; run it yourself:

    npm run bench                       # all workloads, about 40 minutes
    npm run bench -- spread hot         # some of them
    npm run bench -- --list             # what there is
    npm run bench -- --rounds 5 --seconds 10 spread

Real PostgreSQL with fsync on; the gateway as it is built (\`dist/main.js\`), PostgreSQL and the load generator in processes
of their own on one machine. In every round the servers of a workload take turns, each after a warm-up; a figure is the
median over the rounds, and a ratio is the median of the ratios within each round. Compare ratios: absolute figures belong
to one machine at one time. "gateway µs" and "PostgreSQL µs" are CPU time per operation of all their processes, peak RSS is
that of the gateway's processes since they started, "longest block" is the longest standstill of its event loop.

The baselines: *stock* is \`createYoga({ schema })\` with a constant resolver of the same shape; the *ceiling* is Tollgate's own
listener, HTTP stack, authentication and schema on verbs that answer a constant; *straight* is the interactive Prisma
transaction that one writes first; *statements* is the store's own commit, one change per call, without HTTP and GraphQL; the
*database limit* is set-based SQL with \`pg\` alone that writes the same rows in batches of 1,000.`;

function factsSection(run: RunFacts): string {
  return `## Machine and settings

${runText(run)} ${settingsText(run)}`;
}

function settingsText({ settings }: RunFacts): string {
  const list = Object.entries(settings).map(([name, value]) => `\`${name} = ${value}\``);
  return `PostgreSQL's settings: ${list.join(', ')}.`;
}

function targetsSection(results: Results): string {
  const rows = verdicts(results).map(({ goal, measured, verdict }) =>
    [goal.load, goal.target, measured, verdict].join(' | '),
  );
  return ['## Targets', '', '| load | target | measured | |', '| --- | --- | --- | --- |']
    .concat(rows.map((row) => `| ${row} |`))
    .join('\n');
}

function workloadSection(name: string, workload: StoredWorkload, latest: RunFacts | null): string {
  const { about, run, rows, ratios, remarks, audit } = workload;
  const sentences = [
    ...(latest === null ? [] : apart(run, latest)),
    generatorSentence(workload),
    ...remarks,
    ...(audit === null ? [] : [`The audit afterwards: ${audit}`]),
  ];
  const failures = rows.reduce((sum, row) => sum + row.failures, 0);
  const warning = failures === 0 ? [] : [`**${failures} answers were not what they should be.**`];
  return [`## ${name}`, `${capital(about)}.`, ...warning, table(rows, ratios), sentences.join(' ')]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** What was different when this workload was measured. */
function apart(run: RunFacts, latest: RunFacts): string[] {
  const elsewhere = runText(run) !== runText(latest);
  const otherwise = settingsText(run) !== settingsText(latest);
  return [
    ...(elsewhere ? [`Measured apart from the rest: ${runText(run)}`] : []),
    ...(otherwise ? [settingsText(run)] : []),
  ];
}

function generatorSentence({ rows }: StoredWorkload): string {
  const costs = rows.map(({ generatorUs }) => generatorUs).filter(Number.isFinite);
  if (costs.length === 0) return '';
  const [least, most] = [Math.min(...costs), Math.max(...costs)].map((cost) => number(cost, 0));
  const range = least === most ? `${least}` : `${least} to ${most}`;
  return `Load generator: ${range} µs of CPU per operation.`;
}

function runText(run: RunFacts): string {
  const { machine, node, postgres, tollgate, date, rounds, seconds } = run;
  return (
    `${machine}; Node ${node}, PostgreSQL ${postgres}, Tollgate ${tollgate}; ${date}; ` +
    `${rounds} round${rounds === 1 ? '' : 's'} of ${seconds} s per line.`
  );
}

/** The run described at the top of the page; workloads of other runs say so. */
function latestRun({ workloads }: Results): RunFacts | null {
  const runs = Object.values(workloads).map(({ run }) => run);
  return runs.reduce<RunFacts | null>(
    (latest, run) => (latest === null || run.date > latest.date ? run : latest),
    null,
  );
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
