/** What is stored under the key of an `updateBalance`: the balance as it was left, and whether anything was changed. */
import { z } from 'zod';
import type { Balance } from '../../domain/balance.js';
import { readStored, STORED_VERSION } from '../../domain/stored.js';
import { balanceSchema, balanceToJson } from './balance.js';

export interface StoredUpdateBalance {
  readonly balance: Balance;
  readonly changed: boolean;
}

export function updateBalanceToJson({ balance, changed }: StoredUpdateBalance): string {
  return JSON.stringify({ v: STORED_VERSION, balance: balanceToJson(balance), changed });
}

export function updateBalanceFromJson(json: unknown): StoredUpdateBalance {
  // No release wrote version 0.
  return readStored<StoredUpdateBalance>(json, [version1, version1]);
}

const version1 = z.object({ balance: balanceSchema, changed: z.boolean().default(true) });
