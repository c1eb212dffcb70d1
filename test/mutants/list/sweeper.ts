import type { Mutant } from '../mutant.js';

/** What the sweeper does, and for whom it waits. */
export const SWEEPER: readonly Mutant[] = [
  {
    guarantee: 'the sweeper waits for no lock',
    file: 'src/meter/write/batch.ts',
    find: 'group.commands.every(({ givesWay }) => givesWay)',
    replace: 'group.commands.length === 0',
    tests: ['store/sweeper.test.ts'],
  },
  {
    guarantee: 'the sweeper does not fill the cache',
    file: 'src/meter/write/batch.ts',
    find: '(again !== giveWay || isKnown(account))',
    replace: 'account',
    tests: ['store/sweeper.test.ts'],
  },
  {
    guarantee: 'one sweeper is at work at a time',
    file: 'src/store/sweep-turns.ts',
    find: 'isMine ? await work({ restFor }) : null',
    replace: 'await work({ restFor })',
    tests: ['store/sweeper.test.ts'],
  },
  {
    guarantee: 'statements that run at once count one by one',
    file: 'src/commands/sweep/pace.ts',
    find: 'sweepMs * statementsAtOnce',
    replace: 'sweepMs',
    tests: ['unit/sweep-pace.test.ts', 'store/sweeper.test.ts'],
  },
  {
    guarantee: 'a customer that cannot be swept is tried once',
    file: 'src/commands/sweep/sweeper.ts',
    find: '!this.#failed.has(customerKey)',
    replace: 'customerKey.length > 0',
    tests: ['store/sweeper.test.ts'],
  },
  {
    guarantee: 'a customer of whom nothing is due is not written to',
    file: 'src/meter/sweep.ts',
    find: 'due === null ? null : { account, rows: {} }',
    replace: '{ account, rows: {} }',
    tests: ['store/sweeper.test.ts'],
  },
  {
    guarantee: 'reservations that have expired are swept',
    file: 'src/store/sweeps.ts',
    find: "['BALANCES', 'RESERVATIONS']",
    replace: "['BALANCES']",
    tests: ['graphql/swept-random.test.ts'],
  },
  {
    guarantee: 'what is due is found by its index',
    file: 'src/store/sweeps.ts',
    find: "NEXT_CHANGE = 'least(next_reset_at, expires_at)'",
    replace: "NEXT_CHANGE = 'least(expires_at, next_reset_at)'",
    tests: ['store/sweeper.test.ts'],
  },
];
