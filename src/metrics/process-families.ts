import { getHeapStatistics } from 'node:v8';
import { logFigures } from '../platform/log/log-figures.js';
import { byLabel, counter, type Family, gauge } from './family.js';

/** What prom-client does not know of a process. */
export function processFamilies(): Family[] {
  return [
    gauge(
      'tollgate_heap_limit_bytes',
      'The size of the heap at which Node.js ends the process.',
      () => getHeapStatistics().heap_size_limit,
    ),
    counter(
      'tollgate_log_lines_omitted_total',
      'Lines that are not in the log: it was not read fast enough, another line tells them, or there were more than LOG_OPERATIONS_PER_SECOND.',
      () => byLabel('why', logFigures.omitted.entries()),
    ),
  ];
}
