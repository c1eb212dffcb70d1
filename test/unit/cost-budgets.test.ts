/** The budget of each key: what is taken, given back and restored, by a clock that a test sets. */
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Budgets, ownerOf } from '../../src/http/cost/budgets.js';
import { Charge } from '../../src/http/cost/charge.js';

function budgetsOf(costPerMinute: number | null = 6_000, keysMax = 1_000) {
  const clock = { now: 0 };
  const budgets = new Budgets({ costPerMinute, keysMax, monotonicMs: () => clock.now });
  const take = (cost: number, keyId = 'k') => {
    const taken = budgets.take(keyId, cost);
    if (taken === null) throw new Error('there is no budget');
    return taken;
  };
  const refusalOf = (cost: number, keyId = 'k') => {
    try {
      take(cost, keyId);
    } catch (error) {
      if (error instanceof GraphQLError) return error;
    }
    throw new Error('it was not refused');
  };
  return { clock, budgets, take, refusalOf };
}

const available = (taken: ReturnType<ReturnType<typeof budgetsOf>['take']>) =>
  taken.status().currentlyAvailable;

describe('a budget', () => {
  it('is taken from, and restored evenly', () => {
    const { clock, take } = budgetsOf();
    const taken = take(6_000);
    expect(taken.status()).toEqual({
      maximumAvailable: 6_000,
      currentlyAvailable: 0,
      restoreRate: 100,
    });
    clock.now = 1_500;
    expect(available(taken)).toBe(150);
    clock.now = 60_000;
    expect(available(taken)).toBe(6_000);
    clock.now = 600_000;
    expect(available(taken)).toBe(6_000);
  });

  it('refuses what it does not have, and says when it will', () => {
    const { clock, take, refusalOf } = budgetsOf();
    take(5_900);
    const refusal = refusalOf(351);
    expect(refusal.message).toBe(
      'The operation may cost 351, and 100 are left of the 6000 a minute that COST_PER_MINUTE gives each key, or each ' +
        'customer with a token. ' +
        'Try again in 3 s, or ask for less. Nothing was done.',
    );
    expect(refusal.extensions).toEqual({
      code: 'COST_BUDGET_EXCEEDED',
      retryable: true,
      cost: {
        requested: 351,
        throttleStatus: { maximumAvailable: 6_000, currentlyAvailable: 100, restoreRate: 100 },
      },
      http: { status: 429, headers: { 'Retry-After': '3' } },
    });
    clock.now = 2_509;
    refusalOf(351);
    // Nothing is taken by a refusal, and what it said holds.
    clock.now = 3_000;
    take(351);
  });

  it('gives back what an operation has not cost, and takes what it has cost beyond', () => {
    const { take, refusalOf } = budgetsOf();
    const taken = take(6_000);
    refusalOf(1);
    taken.settle(40);
    expect(available(taken)).toBe(5_960);
    taken.add(60);
    expect(available(taken)).toBe(5_900);
  });

  it('never holds more than a minute gives, whatever is given back', () => {
    const { clock, take, refusalOf } = budgetsOf();
    const taken = take(3_000);
    clock.now = 60_000;
    taken.settle(0);
    expect(available(taken)).toBe(6_000);
    take(6_000);
    refusalOf(1);
  });

  it('has to be full for an operation that may cost more, which then owes the rest', () => {
    const { clock, take, refusalOf } = budgetsOf();
    take(1).settle(1);
    expect(refusalOf(10_000).extensions['http']).toMatchObject({ headers: { 'Retry-After': '1' } });
    clock.now = 1_000;
    const taken = take(10_000);
    taken.settle(9_000);
    expect(available(taken)).toBe(-3_000);
    expect(refusalOf(100).extensions['http']).toMatchObject({ headers: { 'Retry-After': '31' } });
  });

  it('is not affected by other keys', () => {
    const { take, refusalOf } = budgetsOf();
    take(6_000, 'a');
    refusalOf(1, 'a');
    expect(available(take(1, 'b'))).toBe(5_999);
  });

  it('does not exist without a limit or without a key', () => {
    expect(budgetsOf(null).budgets.take('k', 10 ** 9)).toBeNull();
    expect(budgetsOf(6_000).budgets.take(undefined, 10 ** 9)).toBeNull();
  });
});

describe('the charge for an operation', () => {
  const cost = { requested: 1_000, spent: 10 };

  it('is its writes and what was read for it, at first and afterwards', () => {
    const { take } = budgetsOf();
    const taken = take(cost.requested);
    const charge = new Charge(cost, taken, true);
    charge.add(7);
    charge.add(3);
    expect(charge.settle(true)).toMatchObject({ requested: 1_000, actual: 20 });
    expect(available(taken)).toBe(5_980);
    // A statement that it was stopped in ends.
    charge.add(100);
    expect(available(taken)).toBe(5_880);
    charge.settle(true);
    expect(available(taken)).toBe(5_880);
  });

  it('is nothing but what was read, and at least 1, if it was not executed', () => {
    const charge = new Charge({ requested: 20, spent: 10 }, null, true);
    expect(charge.settle(false)).toEqual({ requested: 20, actual: 1, throttleStatus: null });
  });
});

describe('budgets in memory', () => {
  it('are forgotten once they are full again', () => {
    const { clock, budgets, take } = budgetsOf(6_000, 100_000);
    for (let n = 0; n < 1_000; n += 1) take(6_000, `a${n}`);
    clock.now = 60_000;
    for (let n = 0; n < 1_000; n += 1) take(1, 'b');
    expect(budgets.size).toBe(1);
  });

  it('are kept while they are not full', () => {
    const { clock, take, refusalOf } = budgetsOf(6_000, 100_000);
    take(6_000, 'a');
    clock.now = 59_000;
    for (let n = 0; n < 1_000; n += 1) take(10, `b${n}`);
    refusalOf(5_901, 'a');
  });

  it('have a limit, with a million keys in one second', () => {
    const { budgets, take, refusalOf } = budgetsOf(6_000, 100);
    for (let n = 0; n < 1_000_000; n += 1) take(6_000, `a${n}`);
    expect(budgets.size).toBeLessThanOrEqual(100);
    refusalOf(1, 'a999999');
  });

  it('those that are used are not forgotten before others', () => {
    const { take, refusalOf } = budgetsOf(6_000, 10);
    take(5_000, 'a');
    for (let n = 0; n < 50; n += 1) {
      take(6_000, `b${n}`);
      take(1, 'a');
    }
    refusalOf(1_000, 'a');
  });
});

describe('the budget of a call', () => {
  const caller = { projectId: 'p', keyId: 'k', scopes: 0 };
  const only = (customerKey: string) => ({ customerId: 'c', customerKey, entityId: null });

  it('is that of its key, and with a customer token that of the customer', () => {
    const owners = [
      ownerOf(caller),
      ownerOf({ ...caller, only: only('c1') }),
      ownerOf({ ...caller, only: only('c2') }),
      ownerOf({ ...caller, keyId: 'k2', only: only('c1') }),
    ];
    expect(new Set(owners).size).toBe(owners.length);
    expect(ownerOf({ ...caller, only: { ...only('c1'), entityId: 'seat-1' } })).toBe(owners[1]);
  });

  it('is none if the program itself calls', () => {
    expect(ownerOf({ projectId: 'p', scopes: 0 })).toBeUndefined();
  });
});
