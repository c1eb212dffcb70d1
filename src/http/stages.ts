/** What the stages of all exchanges share. */
import type { IdempotencyConfig } from '../config/idempotency-settings.js';
import type { OperationLogConfig } from '../config/log-settings.js';
import type { MetricsConfig } from '../config/metrics-settings.js';
import type { OperationBounds } from '../config/operation-bounds.js';
import type { TrustedDocumentsConfig } from '../config/trusted-documents-settings.js';
import type { Config } from '../config.js';
import type { Authenticate } from '../meter/access/authenticate.js';
import type { ReadQueue } from '../meter/read/read-queue.js';
import type { Store } from '../meter/store.js';
import { tracedStore } from '../meter/traced-store.js';
import type { WriteQueue } from '../meter/write/write-queue.js';
import { monotonicMs, wallClockMs as nowMs } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import { createTurns } from '../platform/turns.js';
import { schema } from '../schema/index.js';
import type { Subgraph } from '../schema/subgraph/subgraph.js';
import type { Tracing } from '../tracing/tracing.js';
import { createAdmission } from './admission.js';
import { ByteBudget } from './byte-budget.js';
import { Budgets } from './cost/budgets.js';
import { createDoors } from './door.js';
import type { executeOperation } from './execute.js';
import { GatewaySignatures } from './gateway-signature.js';
import { HttpFigures } from './http-figures.js';
import { createPaced } from './paced.js';
import { ProjectCounts } from './project-counts.js';
import { RESULT_TOO_LARGE } from './reasons.js';
import { Receiving } from './receiving.js';
import { createOperationLog } from './request-log.js';
import { RunningOperations } from './running.js';
import { type Manifest, NO_MANIFEST } from './trusted/manifest.js';

export interface PipelineOptions {
  readonly config: Pick<Config, 'bodyBytesMax' | 'requestsInFlightMax' | 'subgraph'> &
    OperationBounds &
    IdempotencyConfig &
    Pick<TrustedDocumentsConfig, 'trustedDocuments'> &
    OperationLogConfig &
    Pick<MetricsConfig, 'metricsOperations'>;
  /** The documents that requests may name by their ids. */
  readonly manifest?: Manifest;
  readonly store: Store;
  readonly writeQueue: WriteQueue;
  readonly readQueue: ReadQueue;
  readonly authenticate: Authenticate;
  readonly execute: typeof executeOperation;
  /** What gateways of a larger graph are served, unless nothing is. */
  readonly subgraph?: Pick<Subgraph, 'schema'> | null;
  readonly logger: Logger;
  /** Null, the default, if there are no traces. */
  readonly tracing?: Tracing | null;
}

export type Stages = ReturnType<typeof createStages>;

export function createStages(options: PipelineOptions) {
  const { config, logger, manifest = NO_MANIFEST, tracing = null } = options;
  const secrets = config.subgraph?.hmacSecrets ?? [];
  const log = createOperationLog(logger, config, monotonicMs);
  const figures = new HttpFigures(config.metricsOperations);
  const answersBytesMax = Math.max(ANSWERS_BYTES_MAX, 2 * config.resultBytesMax);
  const admission = createAdmission({ requestsMax: config.requestsInFlightMax, monotonicMs });
  return {
    ...options,
    store: tracing === null ? options.store : tracedStore(options.store, tracing),
    tracing,
    admission,
    readsInFlight: new ProjectCounts(),
    receiving: new Receiving({ bodyBytesMax: config.bodyBytesMax, admission, monotonicMs }),
    endAdmitted: () => admission.end(),
    doors: createDoors({
      config,
      schema,
      manifest,
      figures: figures.operations,
      subgraph: options.subgraph?.schema ?? null,
      subgraphSignatures: secrets.length === 0 ? null : new GatewaySignatures({ secrets, nowMs }),
    }),
    budgets: new Budgets({
      costPerMinute: config.costPerMinute,
      keysMax: BUDGETS_MAX,
      monotonicMs,
    }),
    idempotencyFallbackHeader: config.idempotencyFallbackHeader,
    turns: createTurns({ monotonicMs }),
    paced: createPaced({ monotonicMs, waitingPerProjectMax: PACED_WAITING_MAX }),
    answers: { query: new ByteBudget(answersBytesMax), mutation: new ByteBudget(answersBytesMax) },
    resultBounds: { resultBytesMax: config.resultBytesMax, tooLarge: RESULT_TOO_LARGE },
    log,
    figures,
    running: new RunningOperations({
      timeoutMs: config.operationTimeoutMs,
      slowMs: config.slowOperationMs,
      monotonicMs,
      onSlow: log.slow,
    }),
  };
}

/** Bytes of all answers to queries, and as many to mutations, that are being put together or sent; clients may be slow to read them. */
export const ANSWERS_BYTES_MAX = 128 * 1024 * 1024;

/** Budgets of keys that were used in the last minute; each takes about 150 bytes. */
const BUDGETS_MAX = 100_000;

/** The weight of what one project may have waiting for its turn: documents of 2,048 characters, or as much. */
const PACED_WAITING_MAX = 256;
