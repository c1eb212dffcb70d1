/** What is stored under the key of a `deleteBalance`: the balance as it was before, and what was charged to others. */
import type { Deduction } from '../../domain/deduction.js';
import type { DeletedBalance } from '../../domain/delete-balance.js';
import { quantityToText, ZERO } from '../../domain/quantity.js';
import { readStored, STORED_VERSION } from '../../domain/stored.js';
import { amount, elementsOf, Members, type Reader, uuid } from '../../domain/stored-values.js';
import { balanceOf, balanceToJson } from './balance.js';

export type StoredDeleteBalance = Pick<
  DeletedBalance,
  'balance' | 'transferred' | 'notTransferred'
>;

export function deleteBalanceToJson(stored: StoredDeleteBalance): string {
  const { balance, transferred, notTransferred } = stored;
  return JSON.stringify({
    v: STORED_VERSION,
    balance: balanceToJson(balance),
    ...(transferred.length > 0 && {
      transferred: transferred.map(({ balanceId, amount }) => [balanceId, quantityToText(amount)]),
    }),
    ...(notTransferred !== ZERO && { notTransferred: quantityToText(notTransferred) }),
  });
}

export function deleteBalanceFromJson(json: unknown): StoredDeleteBalance {
  // No release wrote version 0.
  return readStored(json, [version1, version1]);
}

const version1: Reader<StoredDeleteBalance> = (json) => {
  const stored = new Members(json);
  const balance = stored.get('balance', balanceOf);
  const deductionOf: Reader<Deduction> = (inner) => {
    const parts = elementsOf(inner, 2);
    const { featureId } = balance;
    return { balanceId: parts.at(0, uuid), featureId, amount: parts.at(1, amount) };
  };
  return {
    balance,
    transferred: stored.all('transferred', deductionOf),
    notTransferred: stored.or('notTransferred', amount, ZERO),
  };
};
