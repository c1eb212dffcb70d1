/** Which figures have become worse than the committed ones. */
import type { Ratio, Row } from './figures.js';
import type { Results, StoredWorkload } from './results.js';
import { number } from './text.js';

/** Two runs of the same code differ by less than this. */
const REGRESSION = 0.15;

/** CPU times this small are noise. */
const CPU_US_MIN = 5;

/** A sentence for each ratio and CPU time that is more than 15 % worse, for the workloads that both have. */
export function regressions(before: Results, after: Results): string[] {
  return Object.entries(after.workloads).flatMap(([name, now]) => {
    const then = before.workloads[name];
    return then === undefined ? [] : inWorkload(name, then, now);
  });
}

function inWorkload(name: string, then: StoredWorkload, now: StoredWorkload): string[] {
  const ratios = now.ratios.flatMap((ratio) => {
    const old = then.ratios.find((other) => isSameRatio(other, ratio));
    return old === undefined ? [] : ratioSentence(name, old, ratio);
  });
  // CPU times of another machine say nothing about the code.
  if (then.run.machine !== now.run.machine) return ratios;
  const rows = now.rows.flatMap((row) => {
    const old = then.rows.find(({ id }) => id === row.id);
    return old === undefined || row.baseline ? [] : cpuSentences(name, old, row);
  });
  return [...ratios, ...rows];
}

function isSameRatio(one: Ratio, other: Ratio): boolean {
  return one.of === other.of && one.label === other.label && one.figure === other.figure;
}

function ratioSentence(name: string, old: Ratio, ratio: Ratio): string[] {
  const worse =
    ratio.better === 'HIGHER'
      ? ratio.value < old.value * (1 - REGRESSION)
      : ratio.value > old.value * (1 + REGRESSION);
  const { of, label, value } = ratio;
  const change = `${number(old.value, 2)} before, ${number(value, 2)} now`;
  return worse ? [`${name}: ${of} ${label} is worse: ${change}.`] : [];
}

function cpuSentences(name: string, old: Row, row: Row): string[] {
  return (['gatewayUs', 'postgresUs'] as const).flatMap((figure) => {
    const [before, now] = [old[figure], row[figure]];
    if (before === null || now === null || now < CPU_US_MIN) return [];
    if (now <= before * (1 + REGRESSION)) return [];
    const whose = figure === 'gatewayUs' ? 'the gateway' : 'PostgreSQL';
    const change = `${number(before, 0)} µs before, ${number(now, 0)} µs now`;
    return [`${name}: ${row.id} takes ${whose} more CPU per operation: ${change}.`];
  });
}
