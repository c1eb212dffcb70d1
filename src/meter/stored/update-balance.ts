/** What is stored under the key of an `updateBalance`: the balance as it was left, and whether anything was changed. */
import type { Balance } from '../../domain/balance.js';
import { readStored, STORED_VERSION } from '../../domain/stored.js';
import { flag, Members, type Reader } from '../../domain/stored-values.js';
import { balanceOf, balanceToJson } from './balance.js';

export interface StoredUpdateBalance {
  readonly balance: Balance;
  readonly changed: boolean;
}

export function updateBalanceToJson({ balance, changed }: StoredUpdateBalance): string {
  return JSON.stringify({ v: STORED_VERSION, balance: balanceToJson(balance), changed });
}

export function updateBalanceFromJson(json: unknown): StoredUpdateBalance {
  // No release wrote version 0.
  return readStored(json, [version1, version1]);
}

const version1: Reader<StoredUpdateBalance> = (json) => {
  const stored = new Members(json);
  return { balance: stored.get('balance', balanceOf), changed: stored.or('changed', flag, true) };
};
