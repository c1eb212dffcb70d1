/** What an operation costs: before it runs, the most that it may; afterwards, what it did. */
import type { ExecutionResult } from 'graphql';
import type { OperationCost } from '../field-count/field-count.js';
import { costTold } from '../field-count/refusals.js';
import type { Incoming } from '../incoming.js';
import type { Taken, ThrottleStatus } from './budgets.js';

/** What a client is told in `extensions.cost` where it asks for it. */
export interface CostReport {
  readonly requested: number;
  readonly actual: number;
  /** Null if the key has no budget. */
  readonly throttleStatus: ThrottleStatus | null;
}

/** The header by which a request asks for a report. */
export const COST_HEADER = 'tollgate-cost';

export function asksForCost(incoming: Incoming): boolean {
  const value = incoming.header(COST_HEADER);
  return value !== undefined && /^(1|true)$/i.test(value);
}

/** A result with what it cost. */
export function withReport(result: ExecutionResult, cost: CostReport | null): ExecutionResult {
  return cost === null ? result : { ...result, extensions: { ...result.extensions, cost } };
}

/** The same for a result that is JSON already, an object without `extensions`. */
export function withReportInJson(json: string, cost: CostReport | null): string {
  return cost === null ? json : `${json.slice(0, -1)},"extensions":${JSON.stringify({ cost })}}`;
}

export class Charge {
  readonly #cost: OperationCost;
  readonly #taken: Taken | null;
  readonly #isTold: boolean;
  #read = 0;
  #isSettled = false;

  constructor(cost: OperationCost, taken: Taken | null, isTold: boolean) {
    this.#cost = cost;
    this.#taken = taken;
    this.#isTold = isTold;
  }

  /** Counts rows and statements that were read for it, those too that come after its answer. */
  add(cost: number): void {
    this.#read += cost;
    if (this.#isSettled) this.#taken?.add(cost);
  }

  /**
   * Its answer is complete: the budget gets back what it has not cost. Returns what the client asked to be told; else null. One
   * that was not executed at all, because of its variables, has written nothing.
   */
  settle(isExecuted: boolean): CostReport | null {
    const { requested, spent } = this.#cost;
    const actual = Math.max(1, this.#read + (isExecuted ? spent : 0));
    if (!this.#isSettled) this.#taken?.settle(actual);
    this.#isSettled = true;
    if (!this.#isTold) return null;
    return {
      requested: costTold(requested),
      actual,
      throttleStatus: this.#taken?.status() ?? null,
    };
  }
}
