import { type TrackBalance, type TrackBalanceInput, trackBalance } from './track-balance.js';
import type { Answer, VerbContext } from './verb.js';

/** What became of one use of a list: its answer, or why there is none. */
export type Outcome = Answer<TrackBalance> | Error;

/**
 * Records each use as `trackBalance` would, on the same lanes, and tells what became of each in the
 * order of the list. They are submitted in that order, and at once, so that those of one customer
 * are decided in it and all share batches. An input that is refused already stays refused.
 */
export function trackBalances(
  ctx: VerbContext,
  inputs: readonly Answer<TrackBalanceInput>[],
): Promise<Outcome[]> {
  return Promise.all(inputs.map((input) => outcomeOf(ctx, input)));
}

/** Never rejects: what befalls one use is not the others' affair. */
async function outcomeOf(ctx: VerbContext, input: Answer<TrackBalanceInput>): Promise<Outcome> {
  if (!input.ok) return input;
  try {
    return await trackBalance(ctx, input.value);
  } catch (error) {
    return error instanceof Error ? error : new Error('a use failed', { cause: error });
  }
}
