import type { Account } from '../domain/account.js';
import type { Balance } from '../domain/balance.js';
import { notFound, type Refusal } from '../domain/refusal.js';
import { uuidV5 } from '../platform/id.js';

/** A balance of a customer, as a caller names it. */
export interface NamedBalance {
  readonly customerId: string;
  /** Where its row is. */
  readonly id: string;
  /** The id that was sent: the global one, or the caller's own. */
  readonly name: string;
}

/** Where the row of a balance is whose id the caller has chosen (R31): the primary key keeps that id unique, and finds it. */
export function rowIdOf(customerKey: string, balanceId: string): string {
  return uuidV5(customerKey, balanceId);
}

/** The balance, unless it has ended. */
export function namedIn(account: Account, { id }: NamedBalance): Balance | null {
  return account.balances.find((one) => one.id === id && one.expiredAt === null) ?? null;
}

/** What precedes every decision about a balance. */
export function refuseUnnamed(account: Account | null, named: NamedBalance): Refusal | null {
  if (account === null) return notFound('CUSTOMER_NOT_FOUND', named.customerId);
  return namedIn(account, named) === null ? notFound('BALANCE_NOT_FOUND', named.name) : null;
}
