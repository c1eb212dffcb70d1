/** Recorded histories, and what the checker says about them. */
import { accountOf, type Granted } from './account.js';
import { checkHistory } from './check.js';
import type { AccountOperation } from './simulate.js';
import type { Verdict } from './verdict.js';

/** A file of recorded histories. */
export interface Histories {
  readonly name: string;
  readonly granted: Granted;
  readonly customers: readonly CustomerHistory[];
}

interface CustomerHistory {
  readonly customerId: string;
  readonly operations: readonly AccountOperation[];
}

export function judge(granted: Granted, operations: readonly AccountOperation[]): Verdict {
  const account = accountOf(
    granted,
    operations.map(({ call }) => call),
  );
  return checkHistory(account, operations);
}

/** What was recorded, in one line. */
export function summaryOf({ name, customers }: Histories): string {
  const all = customers.flatMap(({ operations }) => operations);
  const calls = all.filter(({ call }) => call.verb !== 'pass');
  const open = calls.filter(({ answeredAt }) => answeredAt === null);
  return `${name}: ${calls.length} calls of ${customers.length} customers, ${open.length} without an answer`;
}
