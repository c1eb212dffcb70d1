/** What is stored under the key of a `createBalance`: the balance as it was created, or as it was found. */
import type { Balance } from '../../domain/balance.js';
import { readStored, STORED_VERSION } from '../../domain/stored.js';
import { flag, Members, type Reader } from '../../domain/stored-values.js';
import { balanceOf, balanceToJson } from './balance.js';
import { balanceOfV0 } from './version-0.js';

export interface StoredCreateBalance {
  readonly balance: Balance;
  /** False for one that was found by the caller's id. */
  readonly created: boolean;
}

export function createBalanceToJson({ balance, created }: StoredCreateBalance): string {
  return JSON.stringify({
    v: STORED_VERSION,
    balance: balanceToJson(balance),
    ...(!created && { created }),
  });
}

export function createBalanceFromJson(json: unknown): StoredCreateBalance {
  return readStored(json, [version0, version1]);
}

/** The balance itself. */
const version0: Reader<StoredCreateBalance> = (json) => ({
  balance: balanceOfV0(json),
  created: true,
});

const version1: Reader<StoredCreateBalance> = (json) => {
  const stored = new Members(json);
  return { balance: stored.get('balance', balanceOf), created: stored.or('created', flag, true) };
};
