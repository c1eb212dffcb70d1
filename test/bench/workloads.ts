/** All workloads, in the order in which they run: what fills the large database comes last. */
import type { Workload } from './workload.js';
import { spread } from './workloads/spread.js';

export const WORKLOADS: readonly Workload[] = [spread];
