import type { Tracing } from '../../tracing/tracing.js';
import type { ReadPath } from './read-path.js';

export interface ReadQueueOptions {
  readonly path: ReadPath;
  /**
   * The name of the server that a customer is on, `HOME` for that of the catalogue. Without it, there is one. With it, the limits
   * below are of each, and of lists over all of them.
   */
  readonly serverOf?: (customerKey: string) => string;
  /** Statements in progress at once, over all projects; each takes a connection. */
  readonly inFlightMax: number;
  /** Statements in progress at once per project. */
  readonly inFlightPerProjectMax: number;
  /** The maximum number of reads of one project that wait for their statement. */
  readonly waitingPerProjectMax: number;
  /** How long a read may wait for its statement to begin, and a large query for its turn. */
  readonly waitMaxMs: number;
  readonly monotonicMs: () => number;
  /** Null, the default, if there are no traces. */
  readonly tracing?: Tracing | null;
}
