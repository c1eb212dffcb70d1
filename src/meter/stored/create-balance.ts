/** What is stored under the key of a `createBalance`: the balance as it was created. */
import { z } from 'zod';
import type { Balance } from '../../domain/balance.js';
import { readStored, STORED_VERSION } from '../../domain/stored.js';
import { balanceSchema, balanceSchemaV0, balanceToJson } from './balance.js';

export function createBalanceToJson(balance: Balance): string {
  return JSON.stringify({ v: STORED_VERSION, balance: balanceToJson(balance) });
}

export function createBalanceFromJson(json: unknown): Balance {
  return readStored(json, [balanceSchemaV0, version1]);
}

const version1 = z.object({ balance: balanceSchema }).transform(({ balance }) => balance);
