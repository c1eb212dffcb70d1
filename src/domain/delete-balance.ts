/** The end of a balance before its time (R33). */
import { type Account, withBalances } from './account.js';
import { end } from './advance.js';
import {
  type Balance,
  isBalanceStorable,
  type LedgerEntry,
  recordChange,
  totalReserved,
  totalUsed,
} from './balance.js';
import { COST_ONE } from './cost.js';
import { charge, type Deduction } from './deduction.js';
import type { Catalog } from './feature.js';
import type { Instant } from './interval.js';
import { QUANTITY_MAX, type Quantity, quantityToText, ZERO } from './quantity.js';
import { invalidInput, type Refusal } from './refusal.js';

export interface DeletedBalance {
  readonly account: Account;
  /** As it was before. */
  readonly balance: Balance;
  readonly entries: readonly LedgerEntry[];
  /** What was charged to other balances. */
  readonly transferred: readonly Deduction[];
  /** What was to be, and stays on record with the balance because no other one could be charged. */
  readonly notTransferred: Quantity;
}

/** Ends one of the account's balances. What is used of it is charged to others first, if that is wanted. The account stands at `now`. */
export function deleteBalance(
  account: Account,
  catalog: Catalog,
  balance: Balance,
  transferUsage: boolean,
  now: Instant,
): DeletedBalance {
  const usage = transferUsage ? totalUsed(balance) : ZERO;
  const charged = chargeOthers(account, catalog, balance, usage, now);
  const entries: LedgerEntry[] = [];
  const adjust = (before: Balance, after: Balance): Balance => {
    const change = recordChange(before, after, 'ADJUST', null);
    entries.push(change.entry);
    return change.balance;
  };
  const before = new Map(account.balances.map((one) => [one.id, one]));
  const others = charged.balances.map((after) => adjust(before.get(after.id) ?? after, after));
  const isTransferred = usage !== ZERO && charged.held;
  const ended = end(isTransferred ? adjust(balance, unused(balance)) : balance, now);
  entries.push(ended.entry);
  return {
    account: withBalances(account, [...others, ended.balance]),
    balance,
    entries,
    transferred: charged.deductions,
    notTransferred: isTransferred ? ZERO : usage,
  };
}

/** Under OVERFLOW, all of it is charged if anything can be: only balances of the feature itself, in drain order. */
function chargeOthers(
  account: Account,
  catalog: Catalog,
  { id, featureId, entityId }: Balance,
  value: Quantity,
  now: Instant,
) {
  const others = account.balances.filter((other) => other.id !== id);
  const feature = catalog.features.get(featureId);
  const payers = feature === undefined ? [] : [{ feature, cost: COST_ONE, where: null }];
  const request = { featureId, payers, value, entityId, overageBehavior: 'OVERFLOW' } as const;
  return charge(others, request, now);
}

function unused(balance: Balance): Balance {
  const rollovers = balance.rollovers.map((part) => ({ ...part, used: ZERO }));
  return { ...balance, used: ZERO, rollovers };
}

/** Why the balance cannot be ended; null if it can: what reservations hold of it has been promised (R33). `name` is what its caller calls it. */
export function refuseHeld({ holds }: Account, balance: Balance, name: string): Refusal | null {
  const reserved = totalReserved(balance);
  if (reserved === ZERO) return null;
  const holding = holds.filter(({ charges }) =>
    charges.some(({ takes }) => takes.some(({ balanceId }) => balanceId === balance.id)),
  );
  const last = new Date(Math.max(...holding.map(({ expiresAt }) => expiresAt))).toISOString();
  const [{ id = '' } = {}] = holding;
  return invalidInput([
    {
      path: name === balance.givenId ? 'balanceId' : 'id',
      value: JSON.stringify(name),
      rule: 'reserved',
      message:
        `reservations hold ${quantityToText(reserved)} of the balance. Capture or release them first, beginning with ` +
        `${JSON.stringify(id)}, or wait until the last one has expired (${last}).`,
    },
  ]);
}

/** What cannot be transferred; null if it can. */
export function refuseTransfer(
  account: Account,
  catalog: Catalog,
  balance: Balance,
  now: Instant,
): Refusal | null {
  const usage = totalUsed(balance);
  const { balances } = chargeOthers(account, catalog, balance, usage, now);
  const overfull = balances.find((other) => !isBalanceStorable(other));
  if (overfull === undefined) return null;
  return invalidInput([
    {
      path: 'transferUsage',
      value: 'true',
      rule: 'sum',
      message:
        `would bring the usage of the balance "${overfull.id}" above ${quantityToText(QUANTITY_MAX)}, ` +
        'the most that can be counted. Delete the balance without transferring its usage.',
    },
  ]);
}
