import { getHeapStatistics } from 'node:v8';
import { type Family, gauge } from './family.js';

/** What prom-client does not know of a process. */
export function processFamilies(): Family[] {
  return [
    gauge(
      'tollgate_heap_limit_bytes',
      'The size of the heap at which Node.js ends the process.',
      () => getHeapStatistics().heap_size_limit,
    ),
  ];
}
