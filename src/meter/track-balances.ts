import { type TrackBalance, type TrackBalanceInput, trackBalance } from './track-balance.js';
import type { Result, VerbContext } from './verb.js';

/** The outcome of one usage event in a list: its result, or why there is none. */
export type ItemResult = Result<TrackBalance> | Error;

/**
 * Records each usage event as `trackBalance` would, on the same lanes, and returns the outcomes in
 * the order of the list. They are submitted in that order, all at once, so that those of one customer
 * are decided in it and all share batches. An input that has already been refused stays refused.
 */
export function trackBalances(
  ctx: VerbContext,
  inputs: readonly Result<TrackBalanceInput>[],
): Promise<ItemResult[]> {
  return Promise.all(inputs.map((input) => itemResultOf(ctx, input)));
}

/** Never rejects: the failure of one usage event does not affect the others. */
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
