/** What is stored under the key of a `deleteBalance`: the balance as it was before, and what was charged to others. */
import { z } from 'zod';
import type { DeletedBalance } from '../../domain/delete-balance.js';
import { quantityToText, ZERO } from '../../domain/quantity.js';
import { readStored, STORED_VERSION } from '../../domain/stored.js';
import { amount, balanceSchema, balanceToJson, uuid } from './balance.js';

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
  return readStored<StoredDeleteBalance>(json, [version1, version1]);
}

const version1 = z
  .object({
    balance: balanceSchema,
    transferred: z.array(z.tuple([uuid, amount])).default([]),
    notTransferred: amount.default(ZERO),
  })
  .transform(
    ({ balance, transferred, notTransferred }): StoredDeleteBalance => ({
      balance,
      transferred: transferred.map(([balanceId, amount]) => ({
        balanceId,
        featureId: balance.featureId,
        amount,
      })),
      notTransferred,
    }),
  );
