/** What is stored under the key of a `createBalance`: the balance as it was created, or as it was found. */
import { z } from 'zod';
import type { Balance } from '../../domain/balance.js';
import { readStored, STORED_VERSION } from '../../domain/stored.js';
import { balanceSchema, balanceSchemaV0, balanceToJson } from './balance.js';

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

const version0 = balanceSchemaV0.transform(
  (balance): StoredCreateBalance => ({ balance, created: true }),
);

const version1 = z.object({ balance: balanceSchema, created: z.boolean().default(true) });
