import { byLabel, counter, type Family, gauge } from './family.js';
import type { PruneFigures, RangeFigures, SweepFigures } from './upkeep-figures.js';

export function sweepFamilies(figures: SweepFigures): Family[] {
  return [
    counter(
      'tollgate_sweeper_customers_total',
      'Customers that the sweeper has persisted, or left to their next write.',
      () => byLabel('outcome', figures.customers.entries()),
    ),
    counter('tollgate_sweeper_persisted_total', 'What the sweeper has persisted, by kind.', () =>
      byLabel('kind', figures.persisted.entries()),
    ),
    counter(
      'tollgate_sweeper_failures_total',
      'Sweeps that ended with an error; the next is a minute later.',
      () => figures.failures,
    ),
    gauge(
      'tollgate_sweeper_behind_seconds',
      'For how long what the sweeper found last had been due; 0 once a sweep is complete.',
      () => figures.behindMs / 1_000,
    ),
    gauge(
      'tollgate_sweeper_completed_timestamp_seconds',
      'When this process last completed a sweep. Gateways take turns: the latest of all counts.',
      () => samplesAt(figures.completedAtMs),
    ),
  ];
}

export function pruneFamilies(figures: PruneFigures): Family[] {
  return [
    counter('tollgate_pruner_rows_total', 'Rows deleted or erased for their age, by kind.', () =>
      byLabel('kind', figures.rows.entries()),
    ),
    counter(
      'tollgate_pruner_failures_total',
      'Runs of the pruner that failed, by kind; the next is a day later.',
      () => byLabel('kind', figures.failures.entries()),
    ),
    gauge(
      'tollgate_pruner_completed_timestamp_seconds',
      'When the pruner last completed a run, by kind.',
      () =>
        byLabel(
          'kind',
          [...figures.completedAtMs].map(([kind, ms]) => [kind, ms / 1_000]),
        ),
    ),
  ];
}

export function rangeFamilies(figures: RangeFigures): Family[] {
  return [
    gauge('tollgate_ranges', 'Ranges that a table has, as of the last daily run on ranges.', () =>
      byLabel('table', figures.ranges),
    ),
    gauge(
      'tollgate_ranges_last_start_timestamp_seconds',
      'When the last range of a table begins, which has everything from then on; 0 if it has everything.',
      () =>
        byLabel(
          'table',
          [...figures.lastStartMs].map(([table, ms]) => [table, (ms ?? 0) / 1_000]),
        ),
    ),
    gauge(
      'tollgate_ranges_completed_timestamp_seconds',
      'When a daily run of this process last left all ranges up to date.',
      () => samplesAt(figures.completedAtMs),
    ),
    counter(
      'tollgate_ranges_failures_total',
      'Steps of the daily run on ranges that failed, by cause; the next attempt is a day later.',
      () => byLabel('cause', figures.failures.entries()),
    ),
    counter('tollgate_ranges_let_go_total', 'Ranges that were let go for their age.', () =>
      byLabel('table', figures.letGo.entries()),
    ),
  ];
}

function samplesAt(ms: number | null) {
  return ms === null ? [] : ms / 1_000;
}
