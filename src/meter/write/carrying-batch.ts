import type { TraceContext } from '../../tracing/trace-context.js';

/** A batch of the write queue, for those whose commands it carries. */
export interface CarryingBatch {
  /** Unique among all batches of all gateways. */
  readonly id: string;
  /** That of its span; null if it is not recorded. Known once it has begun. */
  traceContext: TraceContext | null;
}

/** Who has submitted a command, and wants to know which batch carries it. */
export interface Carried {
  carriedBy?(batch: CarryingBatch): void;
}
