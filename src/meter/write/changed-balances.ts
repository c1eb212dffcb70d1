import type { Account } from '../../domain/account.js';
import { assert } from '../../domain/assert.js';
import type { Balance } from '../../domain/balance.js';
import type { RowDraft } from './row-draft.js';

/** The balances that are new or have changed. Existing ones keep their positions, and new ones come after them. */
export function pushBalances(rows: RowDraft, start: Account, end: Account): void {
  for (const [index, balance] of end.balances.entries()) {
    const before = start.balances[index];
    if (before === balance) continue;
    assert(before === undefined || before.id === balance.id, 'balances keep their places');
    rows.push(before === undefined ? 'newBalances' : kindOfChange(before, balance), balance);
  }
}

type Change = 'usedBalances' | 'reshapedBalances' | 'correctedBalances';

function kindOfChange(before: Balance, after: Balance): Change {
  if (hasOtherTerms(before, after)) return 'correctedBalances';
  const isReshaped =
    after.granted !== before.granted ||
    after.rollovers !== before.rollovers ||
    after.reserved !== before.reserved ||
    after.nextResetAt !== before.nextResetAt ||
    after.expiredAt !== before.expiredAt;
  return isReshaped ? 'reshapedBalances' : 'usedBalances';
}

function hasOtherTerms(before: Balance, after: Balance): boolean {
  return (
    after.reset !== before.reset ||
    after.expiresAt !== before.expiresAt ||
    after.priority !== before.priority ||
    after.overageAllowed !== before.overageAllowed ||
    after.overageLimit !== before.overageLimit
  );
}
