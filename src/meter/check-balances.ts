import { refuseOther } from './access/only-customer.js';
import {
  type CheckBalance,
  type CheckBalanceInput,
  type CheckContext,
  judgeOf,
  readStanding,
} from './check-balance.js';
import { customerScope } from './customer-key.js';
import { type ItemResult, itemFailure } from './items.js';
import { type Result, refuse } from './verb.js';

type CheckItemResult = ItemResult<CheckBalance>;

/** Checks of one customer and entity that are answered together. */
interface Group {
  readonly customerId: string;
  readonly entityId: string | null;
  readonly checks: Check[];
}

interface Check {
  /** Its place in the list. */
  readonly place: number;
  readonly input: CheckBalanceInput;
}

/** What is answered at once, before others have their turn: a list may be of one customer. */
const GROUP_CHECKS_MAX = 20;

/**
 * Checks each as `checkBalance` would, all read together, in the order of the list. One that has been refused stays refused.
 * Those of one customer and entity share what is read, and the failure of one check does not affect the others.
 */
export async function checkBalances(
  ctx: CheckContext,
  inputs: readonly Result<CheckBalanceInput>[],
): Promise<readonly CheckItemResult[]> {
  const results: CheckItemResult[] = [];
  const groups = new Groups();
  for (const [place, input] of inputs.entries()) {
    const result = input.ok ? outcomeOf(() => refusedOther(ctx, input.value)) : input;
    // The place is taken until the answer is known.
    results.push(result ?? PENDING);
    if (result === null && input.ok) groups.add({ place, input: input.value });
  }
  await Promise.all(groups.all.map((group) => answer(ctx, group, results)));
  return results;
}

const PENDING = new Error('a check without an answer');

function refusedOther(
  { caller }: CheckContext,
  input: CheckBalanceInput,
): Result<CheckBalance> | null {
  const refusal = refuseOther(caller, input);
  return refusal && refuse(refusal);
}

class Groups {
  readonly all: Group[] = [];
  /** Those that still have room, by customer and entity. */
  readonly #open = new Map<string, Map<string | null, Group>>();

  add(check: Check): void {
    const { customerId, entityId } = check.input;
    let ofCustomer = this.#open.get(customerId);
    if (ofCustomer === undefined) {
      ofCustomer = new Map();
      this.#open.set(customerId, ofCustomer);
    }
    const group = ofCustomer.get(entityId);
    if (group !== undefined && group.checks.length < GROUP_CHECKS_MAX) {
      group.checks.push(check);
      return;
    }
    const added = { customerId, entityId, checks: [check] };
    ofCustomer.set(entityId, added);
    this.all.push(added);
  }
}

/** Never rejects. */
async function answer(
  ctx: CheckContext,
  { customerId, entityId, checks }: Group,
  results: CheckItemResult[],
): Promise<void> {
  const scope = customerScope(ctx.caller.projectId, customerId);
  try {
    const judge = judgeOf(scope, await readStanding(ctx, scope, entityId));
    for (const { place, input } of checks) results[place] = outcomeOf(() => judge(input));
  } catch (error) {
    for (const { place } of checks) results[place] = itemFailure(error);
  }
}

function outcomeOf<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return itemFailure(error);
  }
}
