/** The figures of one workload as a Markdown table. */
import type { Ratio, Row } from './figures.js';
import { number } from './text.js';

interface Column {
  readonly head: string;
  readonly cell: (row: Row) => string;
}

/** A line per row, with the ratios beside the rates; empty columns are omitted. */
export function table(rows: readonly Row[], ratios: readonly Ratio[]): string {
  const labels = [...new Set(ratios.map(({ label }) => label))];
  const all: Column[] = [
    { head: 'load', cell: ({ label }) => label },
    { head: unitHead(rows), cell: ({ perSecond }) => number(perSecond, 0) },
    ...labels.map((label) => ({ head: label, cell: (row: Row) => ratioCell(row, label, ratios) })),
    { head: 'p50 ms', cell: ({ p50Ms }) => number(p50Ms, 1) },
    { head: 'p99 ms', cell: ({ p99Ms }) => number(p99Ms, 1) },
    { head: 'p99.9 ms', cell: ({ p999Ms }) => number(p999Ms, 1) },
    { head: 'max ms', cell: ({ maxMs }) => number(maxMs, 1) },
    { head: 'gateway µs', cell: ({ gatewayUs }) => number(gatewayUs, 0) },
    { head: 'PostgreSQL µs', cell: ({ postgresUs }) => number(postgresUs, 0) },
    { head: 'peak RSS MB', cell: ({ rssBytesMax }) => number(rssBytesMax, 0, 1e6) },
    { head: 'longest block ms', cell: ({ loopBlockMsMax }) => number(loopBlockMsMax, 0) },
  ];
  const columns = all.filter(({ cell }) => rows.some((row) => cell(row) !== ''));
  const head = columns.map((column) => column.head);
  const rule = columns.map((_, index) => (index === 0 ? '---' : '---:'));
  const body = rows.map((row) => columns.map((column) => column.cell(row)));
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function unitHead(rows: readonly Row[]): string {
  const others = (['events', 'pairs'] as const).find((one) =>
    rows.some(({ unit }) => unit === one),
  );
  // Beside pairs, there is the load of single requests that they are compared with.
  return others === 'pairs' ? 'requests or pairs/s' : `${others ?? 'requests'}/s`;
}

function ratioCell({ id }: Row, label: string, ratios: readonly Ratio[]): string {
  const ratio = ratios.find((ratio) => ratio.of === id && ratio.label === label);
  return ratio === undefined ? '' : number(ratio.value, 2);
}
