import type { Mutant } from '../mutant.js';

export const STANDINGS: readonly Mutant[] = [
  {
    guarantee: 'reads of customers do not displace what writes have cached',
    file: 'src/meter/write/account-cache.ts',
    find: 'if (weight - freed + weightOf(account) <= balancesMax) set(account);',
    replace: 'if (freed >= 0) set(account);',
    tests: ['unit/account-cache.test.ts'],
  },
  {
    guarantee: 'balances are not read again until the customer changes',
    file: 'src/meter/read/balance.ts',
    find: 'if (isNews(accounts, account, known)) accounts.offer(account);',
    replace: '',
    tests: ['graphql/balances-cached.test.ts'],
  },
  {
    guarantee: 'what has come due of a cached balance is found again once more comes due',
    file: 'src/meter/read/standing.ts',
    find: '(last.until === null || now < last.until)',
    replace: 'last.from <= now',
    tests: ['graphql/balances-cached.test.ts'],
  },
  {
    guarantee: 'an input of which a field breaks its rule is refused',
    file: 'src/schema/input/input-rules.ts',
    find: '!satisfies(check, value)',
    replace: '!satisfies(check, value) && isRequired',
    tests: ['unit/input-rules.test.ts'],
  },
];
