/** Reservations within a random history, for property tests. */
import * as fc from 'fast-check';
import { advanceAccount } from '../../../src/domain/account.js';
import type { Usage } from '../../../src/domain/plan.js';
import { reserve } from '../../../src/domain/reserve.js';
import type { DomainCustomer } from '../cases/domain-customer.js';

const HOUR_MS = 3_600_000;

/** Something that is reserved after so many calls of the history. */
export interface Holding {
  readonly afterCalls: number;
  readonly usage: Usage;
  readonly lastsMs: number;
}

export function holdings(usage: fc.Arbitrary<Usage>, calls: number): fc.Arbitrary<Holding[]> {
  const holding = fc.record({
    afterCalls: fc.integer({ min: 1, max: calls }),
    usage,
    lastsMs: fc.integer({ min: 1, max: 720 }).map((hours) => hours * HOUR_MS),
  });
  return fc.array(holding, { maxLength: 6 });
}

/** Reserves what is due after so many calls, as far as it is accepted. */
export function reserveDue(
  customer: DomainCustomer,
  all: readonly Holding[],
  calls: number,
  now: number,
): void {
  for (const [index, { afterCalls, usage, lastsMs }] of all.entries()) {
    if (afterCalls !== calls) continue;
    const { account } = advanceAccount(customer.account, now);
    const call = {
      ...usage,
      customerId: account.customerId,
      reservationId: `hold${index}`,
      expiry: { afterMs: lastsMs },
    };
    const decision = reserve(account, customer.catalog, call, null, now);
    if (decision.ok) customer.account = decision.account;
  }
}
