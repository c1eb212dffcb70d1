import type { Mutant } from '../mutant.js';

/** What an operation may cost is known before it runs, bounded, and charged to its key alone. */
export const COST: readonly Mutant[] = [
  {
    guarantee: 'an operation that may cost too much is refused',
    file: 'src/http/field-count/field-count.ts',
    find: 'if (cost <= costMax) return null;',
    replace: 'if (cost >= 0) return null;',
    tests: ['unit/cost.test.ts'],
  },
  {
    guarantee: 'a page costs its rows, whichever parts of it are requested',
    file: 'src/http/field-count/count.ts',
    find: 'row === 0 ? field : field + row * numberOf(rows, variables),',
    replace: 'field,',
    tests: ['unit/cost.test.ts'],
  },
  {
    guarantee: 'the cost of a page whose size is a variable is computed for each request',
    file: 'src/http/field-count/count.ts',
    find: "typeof size === 'number' && typeof weights.rows === 'number',",
    replace: "typeof size === 'number',",
    tests: ['unit/cost.test.ts'],
  },
  {
    guarantee: 'one balance costs all that are read to find it',
    file: 'src/schema/list-size.ts',
    find: 'oneOf(BALANCES_PER_CUSTOMER_MAX + 1)',
    replace: 'oneOf(2)',
    tests: ['graphql/cost-calibrated.test.ts'],
  },
  {
    guarantee: 'an operation is charged for the rows that were read for it',
    file: 'src/meter/read/server-reads.ts',
    find: 'if (value !== undefined) tellCost(all, LOOKUP + rowsIn(kind, found));',
    replace: '',
    tests: ['graphql/cost.test.ts'],
  },
  {
    guarantee: 'an operation is charged once for what it requests several times',
    file: 'src/meter/read/waits.ts',
    find: 'if (!told.has(other)) other.addRead?.(cost);',
    replace: 'other.addRead?.(cost);',
    tests: ['graphql/cost-calibrated.test.ts'],
  },
  {
    guarantee: 'what is read after an operation was answered is charged too',
    file: 'src/http/cost/charge.ts',
    find: 'if (this.#isSettled) this.#taken?.add(cost);',
    replace: '',
    tests: ['unit/cost-budgets.test.ts'],
  },
  {
    guarantee: 'an operation takes its cost from the budget of its key',
    file: 'src/http/cost/budgets.ts',
    find: 'bucket.available -= taken;',
    replace: '',
    tests: ['unit/cost-budgets.test.ts'],
  },
  {
    guarantee: 'the budget gets back what an operation has not cost',
    file: 'src/http/cost/budgets.ts',
    find: 'this.#bucket.available += this.#taken - cost;',
    replace: '',
    tests: ['unit/cost-budgets.test.ts'],
  },
  {
    guarantee: 'the budgets in memory are limited',
    file: 'src/http/cost/budgets.ts',
    find: '!bucket.isFull && this.#buckets.size <= this.#options.keysMax',
    replace: '!bucket.isFull',
    tests: ['unit/cost-budgets.test.ts'],
  },
  {
    guarantee: 'an answer says what it cost only if it is asked',
    file: 'src/http/cost/charge.ts',
    find: 'if (!this.#isTold) return null;',
    replace: '',
    tests: ['graphql/cost.test.ts'],
  },
];
