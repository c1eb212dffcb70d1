/** The figures as tables, on the terminal and in docs. */
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import type { Measurement } from './measure.js';
import type { TargetName } from './run.js';

type Results = ReadonlyMap<TargetName, readonly Measurement[]>;

interface Setting {
  readonly customers: number;
  readonly connections: number;
  readonly rounds: number;
}

const LABELS: Record<TargetName, string> = {
  stock: 'stock Yoga, constant resolver',
  straight: 'straight Prisma transaction',
  tollgate: 'Tollgate',
};

/** A Markdown table of medians, with requests per second as ratios to the stock server and to the straight transaction. */
export function table(results: Results): string {
  const rate = (name: TargetName) => medianOf(results, name, (m) => m.requestsPerSecond);
  const rows = [...results.keys()].map((name) => {
    const of = (figure: (measurement: Measurement) => number) => medianOf(results, name, figure);
    return [
      LABELS[name],
      of((m) => m.requestsPerSecond).toFixed(0),
      ratio(rate(name), rate('stock')),
      ratio(rate(name), rate('straight')),
      of((m) => m.p50Ms).toFixed(1),
      of((m) => m.p99Ms).toFixed(1),
      of((m) => m.p999Ms).toFixed(1),
      of((m) => m.gatewayUs).toFixed(0),
      of((m) => m.databaseUs ?? Number.NaN).toFixed(0),
      (of((m) => m.rssBytesMax) / 2 ** 20).toFixed(0),
    ];
  });
  const head = [
    'server',
    'requests/s',
    '÷ stock',
    '÷ straight',
    'p50 ms',
    'p99 ms',
    'p99.9 ms',
    'gateway µs',
    'PostgreSQL µs',
    'peak RSS MiB',
  ];
  return [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** Writes docs/benchmarks.md and docs/benchmarks.json. */
export async function writeReport(results: Results, setting: Setting): Promise<void> {
  const machine = `${cpus().length} cores of ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const text = `# Benchmarks

Written by \`npm run bench\`; run it yourself. One durable \`trackBalance\` per request over HTTP, ${setting.connections}
connections, ${setting.customers.toLocaleString('en')} customers, PostgreSQL with fsync on. Server, PostgreSQL and load
generator share the machine. Medians of ${setting.rounds} interleaved rounds. Compare ratios: absolute figures belong to one
machine at one time. "gateway µs" and "PostgreSQL µs" are CPU time per request.

Machine: ${machine}, Node ${process.version}.

${table(results)}
`;
  await writeFile(new URL('../../docs/benchmarks.md', import.meta.url), text);
  const json = Object.fromEntries([...results].map(([name, rounds]) => [name, rounds]));
  await writeFile(
    new URL('../../docs/benchmarks.json', import.meta.url),
    `${JSON.stringify({ machine, node: process.version, ...setting, results: json }, null, 2)}\n`,
  );
}

function medianOf(
  results: Results,
  name: TargetName,
  figure: (measurement: Measurement) => number,
): number {
  const sorted = (results.get(name) ?? []).map(figure).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(2);
}
