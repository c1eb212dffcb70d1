import type { WriteQueueFigures } from '../meter/write/write-figures.js';
import { byLabel, counter, type Family, gauge, histogram, type Labels } from './family.js';

const NO_LABELS: Labels = {};

export function writeFamilies(figures: () => WriteQueueFigures): Family[] {
  return [
    ...queueFamilies(figures),
    ...batchFamilies(figures),
    ...neighbourFamilies(figures),
    ...cacheFamilies(figures),
  ];
}

function queueFamilies(figures: () => WriteQueueFigures): Family[] {
  return [
    gauge(
      'tollgate_write_queue_commands',
      'Commands that wait or are being committed, here or by a neighbour.',
      () => figures().queued,
    ),
    gauge(
      'tollgate_write_queue_commands_max',
      'The setting QUEUE_ITEMS_MAX.',
      () => figures().queuedMax,
    ),
    gauge(
      'tollgate_write_queue_oldest_wait_seconds',
      'How long the command that has waited longest for its batch has waited.',
      () => figures().oldestWaitMs / 1_000,
    ),
    gauge(
      'tollgate_write_lanes',
      'The lanes, each of which commits a batch at a time.',
      () => figures().lanes,
    ),
    gauge(
      'tollgate_write_lanes_busy',
      'The lanes with a batch in progress.',
      () => figures().lanesBusy,
    ),
  ];
}

function batchFamilies(figures: () => WriteQueueFigures): Family[] {
  return [
    histogram('tollgate_write_batch_commands', 'Commands of each batch.', () => [
      [NO_LABELS, figures().batchCommands],
    ]),
    histogram(
      'tollgate_write_batch_duration_seconds',
      'Time of each batch until all of its commands had their results.',
      () => [[NO_LABELS, figures().batchSeconds]],
    ),
    histogram(
      'tollgate_write_statement_duration_seconds',
      'Time of each commit, of each load before one, and of each transaction with locks.',
      () =>
        Object.entries(figures().storeSeconds).map(([statement, seconds]) => [
          { statement },
          seconds,
        ]),
    ),
    counter(
      'tollgate_write_guard_failures_total',
      'Customers decided again because the guard of their commit did not hold, by cause.',
      () => byLabel('cause', figures().guardFailures.entries()),
    ),
    counter(
      'tollgate_write_replays_total',
      'Commands answered with the first result of their idempotency key.',
      () => figures().replays,
    ),
  ];
}

function neighbourFamilies(figures: () => WriteQueueFigures): Family[] {
  return [
    gauge(
      'tollgate_neighbours',
      'Workers that decide calls for each other, besides this one.',
      () => figures().neighbours.known,
    ),
    gauge(
      'tollgate_neighbours_reachable',
      'Those of them to which there is a connection.',
      () => figures().neighbours.reachable,
    ),
    counter(
      'tollgate_neighbour_commands_sent_total',
      'Commands sent to a neighbour, by what has become of them.',
      () => byLabel('outcome', figures().forwarded.entries()),
    ),
    counter(
      'tollgate_neighbour_commands_taken_total',
      'Commands taken from neighbours.',
      () => figures().ofNeighbours,
    ),
  ];
}

function cacheFamilies(figures: () => WriteQueueFigures): Family[] {
  return [
    counter(
      'tollgate_write_customers_total',
      'Customers of batches, by how they were first decided: cached ones are hits of the cache, loaded ones misses.',
      () => byLabel('way', figures().customers.entries()),
    ),
    gauge(
      'tollgate_account_cache_accounts',
      'Accounts in the cache.',
      () => figures().cachedAccounts,
    ),
    gauge(
      'tollgate_account_cache_balances',
      'Balances in the cache, and what else counts as one.',
      () => figures().cachedWeight,
    ),
    gauge(
      'tollgate_account_cache_balances_max',
      'The setting CACHED_BALANCES_MAX.',
      () => figures().cachedWeightMax,
    ),
    gauge(
      'tollgate_catalog_cache_projects',
      'Projects whose features are in the cache.',
      () => figures().catalogs.cached,
    ),
    counter(
      'tollgate_catalog_reads_total',
      'How often the features of a project had to be read: at first, and when they had changed.',
      () => figures().catalogs.reads,
    ),
  ];
}
