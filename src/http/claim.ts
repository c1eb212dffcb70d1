import { UnavailableError, unanswered } from '../domain/unavailable.js';
import { Execution, type ExecutionOptions } from '../schema/execution.js';
import type { ByteBudget } from './byte-budget.js';
import type { ProjectCounts } from './project-counts.js';
import { CLIENT_CLOSED_REQUEST } from './reasons.js';

/** What projects share. */
export interface Shares {
  /** The memory of answers: clients that do not read the results of queries do not take what mutations need. */
  readonly answers: Readonly<Record<'query' | 'mutation', ByteBudget>>;
  readonly readsInFlight: ProjectCounts;
  readonly config: { readonly requestsInFlightMax: number };
  readonly resultBounds: Omit<ExecutionOptions, 'take'>;
}

/** A read is refused if its project's reads have this share of `REQUESTS_IN_FLIGHT_MAX` already. */
const READS_SHARE = 3 / 4;

/**
 * Throws if the project's reads have all the places that they may have. Reads may take long: if those of one project took every
 * place, requests of the others would be shed.
 */
export function checkPlaces({ readsInFlight, config }: Shares, projectId: string): void {
  const readsMax = Math.ceil(config.requestsInFlightMax * READS_SHARE);
  if (readsInFlight.of(projectId) >= readsMax) throw new UnavailableError('READS_OVERLOADED');
}

/** What an operation takes of what projects share: a place among the reads, unless it is a mutation, and memory for its answer. */
export class Claim {
  readonly execution: Execution;
  readonly #shares: Shares;
  readonly #projectId: string;
  readonly #isMutation: boolean;
  readonly #answers: ByteBudget;

  constructor(shares: Shares, projectId: string, isMutation: boolean) {
    this.#shares = shares;
    this.#projectId = projectId;
    this.#isMutation = isMutation;
    const answers = shares.answers[isMutation ? 'mutation' : 'query'];
    this.#answers = answers;
    this.execution = new Execution({
      ...shares.resultBounds,
      take: (bytes, { always }) => {
        if (!always && !answers.hasRoom(projectId, bytes)) {
          return isMutation ? unanswered() : new UnavailableError('READS_OVERLOADED');
        }
        answers.take(projectId, bytes);
        return null;
      },
    });
    if (!isMutation) shares.readsInFlight.add(projectId);
  }

  /** For an answer that will not be sent. */
  freeMemory(): void {
    this.#answers.free(this.#projectId, this.execution.release());
  }

  /** The exchange is over. */
  end(): void {
    if (!this.#isMutation) this.#shares.readsInFlight.remove(this.#projectId);
    this.execution.stop(CLIENT_CLOSED_REQUEST);
    this.freeMemory();
  }
}
