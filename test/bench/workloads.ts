/** All workloads in the order in which they run: those that need the large database come last. */
import type { Workload } from './workload.js';
import { auditAfterAll } from './workloads/audit.js';
import { batch } from './workloads/batch.js';
import { check, check100x10 } from './workloads/check.js';
import { embedded } from './workloads/embedded.js';
import { gateways2, gateways4, workers2 } from './workloads/gateways.js';
import { importLines } from './workloads/import.js';
import { largeHot, largeRead, largeSpread } from './workloads/large.js';
import { memory } from './workloads/memory.js';
import { mixed } from './workloads/mixed.js';
import {
  credits,
  entity,
  eventName,
  hot,
  spreadKeys,
  tenEntities,
} from './workloads/one-gateway.js';
import { overload } from './workloads/overload.js';
import { read } from './workloads/read.js';
import { reserveCapture } from './workloads/reserve-capture.js';
import { sideBySide } from './workloads/side-by-side.js';
import { spread } from './workloads/spread.js';
import { subgraph } from './workloads/subgraph.js';

export const WORKLOADS: readonly Workload[] = [
  spread,
  hot,
  spreadKeys,
  eventName,
  credits,
  entity,
  tenEntities,
  batch,
  importLines,
  reserveCapture,
  read,
  check,
  check100x10,
  subgraph,
  embedded,
  gateways2,
  gateways4,
  workers2,
  sideBySide,
  overload,
  mixed,
  memory,
  auditAfterAll,
  largeSpread,
  largeHot,
  largeRead,
];
