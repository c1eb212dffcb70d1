import {
  type CheckBalance,
  type CheckBalanceInput,
  type CheckContext,
  checkBalance,
} from './check-balance.js';
import type { Result } from './verb.js';

/** The outcome of one check in a list: its answer, or why there is none. */
export type CheckItemResult = Result<CheckBalance> | Error;

/** Checks each as `checkBalance` would, all read together, in the order of the list. One that has been refused stays refused. */
export function checkBalances(
  ctx: CheckContext,
  inputs: readonly Result<CheckBalanceInput>[],
): Promise<CheckItemResult[]> {
  return Promise.all(inputs.map((input) => itemResultOf(ctx, input)));
}

/** Never rejects: the failure of one check does not affect the others. */
async function itemResultOf(
  ctx: CheckContext,
  input: Result<CheckBalanceInput>,
): Promise<CheckItemResult> {
  if (!input.ok) return input;
  try {
    return await checkBalance(ctx, input.value);
  } catch (error) {
    return error instanceof Error ? error : new Error('an item failed', { cause: error });
  }
}
