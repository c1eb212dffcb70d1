import { type TrackBalance, type TrackBalanceInput, trackBalance } from './track-balance.js';
import type { Result, VerbContext } from './verb.js';

/** What became of one usage of a list: its result, or why there is none. */
export type ItemResult = Result<TrackBalance> | Error;

/**
 * Records each usage as `trackBalance` would, on the same lanes, and tells what became of each in
 * the order of the list. They are submitted in that order, and at once, so that those of one customer
 * are decided in it and all share batches. An input that is refused already stays refused.
 */
export function trackBalances(
  ctx: VerbContext,
  inputs: readonly Result<TrackBalanceInput>[],
): Promise<ItemResult[]> {
  return Promise.all(inputs.map((input) => itemResultOf(ctx, input)));
}

/** Never rejects: what happens to one usage is not the others' affair. */
async function itemResultOf(
  ctx: VerbContext,
  input: Result<TrackBalanceInput>,
): Promise<ItemResult> {
  if (!input.ok) return input;
  try {
    return await trackBalance(ctx, input.value);
  } catch (error) {
    return error instanceof Error ? error : new Error('an item failed', { cause: error });
  }
}
