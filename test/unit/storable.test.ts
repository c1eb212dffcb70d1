/** No sequence of charges, resets and expiries leads to totals that the columns cannot hold. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, advanceAccount } from '../../src/domain/account.js';
import type { Balance } from '../../src/domain/balance.js';
import { wholeCost } from '../../src/domain/cost.js';
import { catalogOf } from '../../src/domain/feature.js';
import { NO_HOLDS, NO_KNOWN_HOLDS } from '../../src/domain/hold.js';
import { isStorable, QUANTITY_MAX, type Quantity, units } from '../../src/domain/quantity.js';
import { track } from '../../src/domain/track.js';
import { always } from '../support/random/always.js';
import { balanceOf } from './given.js';

const DAY_MS = 86_400_000;

const CATALOG = catalogOf(1, [
  {
    id: 'huge',
    name: 'huge',
    type: 'CONSUMABLE',
    eventNames: [],
    creditCosts: [],
    isArchived: false,
  },
  {
    id: 'credits',
    name: 'credits',
    type: 'CREDIT_SYSTEM',
    eventNames: [],
    creditCosts: [{ featureId: 'huge', cost: wholeCost(1_000_000_000), where: null }],
    isArchived: false,
  },
]);

function account(balance: Partial<Balance>): Account {
  const whole = balanceOf({ featureId: 'credits', granted: 0n, createdAt: 0, ...balance });
  return {
    customerKey: 'k',
    customerId: 'c',
    version: 0,
    balances: [whole],
    holds: NO_HOLDS,
    ended: NO_KNOWN_HOLDS,
    entities: new Map(),
  };
}

const trackHuge = (state: Account, value: Quantity, now: number) =>
  track(
    state,
    CATALOG,
    {
      customerId: 'c',
      entityId: null,
      featureId: 'huge',
      eventName: null,
      properties: null,
      value,
      timestamp: null,
      overageBehavior: 'OVERFLOW',
    },
    now,
  );

const value = fc.oneof(
  fc.constantFrom(units(1e15), -units(1e15), 1n, -1n),
  fc.bigInt(-units(1e15), units(1e15)),
);

/** Within a few charges of the limit. */
const nearly = fc
  .tuple(fc.bigInt(0n, 3n * 10n ** 34n), fc.constantFrom(1n, -1n))
  .map(([less, sign]) => (QUANTITY_MAX - less) * sign);

describe('the usage of an unlimited balance', () => {
  it('is refused exactly if its total would be more than the column can hold', () =>
    always(2000, fc.tuple(nearly, fc.array(value, { maxLength: 20 })), ([used, values]) => {
      let state = account({ unlimited: true, used });
      let sum = used;
      for (const each of values) {
        const next = sum + each * 1_000_000_000n;
        const decided = trackHuge(state, each, 0);
        // Giving back stops at a usage of 0, except with OVERFLOW, which these calls use.
        expect(decided.ok).toBe(next <= QUANTITY_MAX && next >= -QUANTITY_MAX);
        if (decided.ok) {
          state = decided.account;
          sum = next;
        } else expect(decided.refusal).toMatchObject({ code: 'INVALID_INPUT' });
        expect(state.balances[0]?.used).toBe(sum);
      }
    }));
});

describe('a balance that resets, rolls over and expires', () => {
  it('has entries that the ledger can hold, whatever was used and given back', () =>
    always(
      1500,
      fc.tuple(
        nearly,
        fc.bigInt(0n, units(1e15)),
        fc.boolean(),
        fc.constantFrom(null, 3),
        fc.array(fc.tuple(value, fc.integer({ min: 0, max: 3 })), { maxLength: 15 }),
      ),
      ([used, granted, carryOverage, keepDays, steps]) => {
        let now = 0;
        let state = account({
          granted,
          used: used > QUANTITY_MAX - granted ? used - granted : used < 0n ? used + granted : used,
          reset: {
            interval: { unit: 'DAY', count: 1 },
            anchor: 0,
            timeZone: null,
            carryOverage,
            rollover: {
              max: null,
              keep: keepDays === null ? null : { unit: 'DAY', count: keepDays },
            },
          },
          nextResetAt: DAY_MS,
          expiresAt: 20 * DAY_MS + 1,
        });
        for (const [each, days] of steps) {
          now += days * DAY_MS;
          const advanced = advanceAccount(state, now);
          const decided = trackHuge(advanced.account, each, now);
          const entries = [...advanced.entries, ...(decided.ok ? decided.entries : [])];
          for (const { amount, grantedAfter, usedAfter } of entries) {
            expect([amount, grantedAfter, usedAfter].every(isStorable)).toBe(true);
          }
          state = decided.ok ? decided.account : advanced.account;
        }
      },
    ));
});
