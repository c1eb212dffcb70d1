/**
 * The defaults of src/config.ts, except for limits on time and on queues: a machine that is busy with other tests must
 * not decide a test. A test of such a limit sets it.
 */
import { OPERATION_LOG } from '../../../src/config/log-settings.js';
import { OPERATION_BOUNDS } from '../../../src/config/operation-bounds.js';
import { monotonicMs } from '../../../src/platform/clock.js';
import { PLACES } from '../database/places.js';

export const PATIENT_DATABASE = { acquireTimeoutMs: 20_000, statementTimeoutMs: 30_000 } as const;

export const GATEWAY_CONFIG = {
  ...OPERATION_BOUNDS,
  operationTimeoutMs: 120_000,
  graphiql: false,
  corsOrigins: null,
  idempotencyFallbackHeader: null,
  subgraph: null,
  trustedDocuments: 'allow',
  metricsOperations: [],
  ...OPERATION_LOG,
  bodyBytesMax: 2 * 1024 * 1024,
  requestsInFlightMax: 10_000,
} as const;

export const WRITE_QUEUE = {
  poolMax: 10,
  batchItemsMax: 500,
  batchBytesMax: 4 * 1024 * 1024,
  queueItemsMax: 10_000,
  queueWaitMaxMs: 60_000,
  cachedBalancesMax: 100_000,
  monotonicMs,
} as const;

export const READ_QUEUE = {
  inFlightMax: 4,
  inFlightPerProjectMax: 2,
  waitingPerProjectMax: 50_000,
  waitMaxMs: 60_000,
  monotonicMs,
} as const;

/** The same as environment variables. */
export const PATIENT_SETTINGS = {
  DATABASE_ACQUIRE_TIMEOUT_MS: String(PATIENT_DATABASE.acquireTimeoutMs),
  STATEMENT_TIMEOUT_MS: String(PATIENT_DATABASE.statementTimeoutMs),
  OPERATION_TIMEOUT_MS: String(GATEWAY_CONFIG.operationTimeoutMs),
  REQUESTS_IN_FLIGHT_MAX: String(GATEWAY_CONFIG.requestsInFlightMax),
  QUEUE_WAIT_MAX_MS: String(WRITE_QUEUE.queueWaitMaxMs),
  READ_WAIT_MAX_MS: String(READ_QUEUE.waitMaxMs),
  PLACES: String(PLACES),
  // Nothing waits for a load balancer to notice.
  DRAIN_DELAY_MS: '0',
};
