import type { Mutant } from '../mutant.js';

export const CORRECTIONS: readonly Mutant[] = [
  {
    guarantee: 'the ledger of a customer goes on after the last entry of a page',
    file: 'src/store/customer-ledger.ts',
    find: 'THEN w.after_seq - 1',
    replace: 'THEN w.after_seq',
    tests: ['graphql/customer-ledger.test.ts'],
  },
  {
    guarantee: 'the ledger of a customer has all entries of one millisecond',
    file: 'src/store/customer-ledger.ts',
    find: '(b.id < w.${cursor}_balance)::integer',
    replace: '0',
    tests: ['graphql/customer-ledger.test.ts'],
  },
  {
    guarantee: 'what stood before a change is what the entry before it left',
    file: 'src/store/ledger-entries.ts',
    find: 'p.seq = r.seq - 1',
    replace: 'p.seq = r.seq',
    tests: ['graphql/customer-ledger.test.ts'],
  },
  {
    guarantee: 'setting what remains takes account of what is granted',
    file: 'src/domain/correction.ts',
    find: 'withUsage(balance, totalGranted(balance) - remaining)',
    replace: 'withUsage(balance, balance.granted - remaining)',
    tests: ['unit/cases.test.ts'],
  },
  {
    guarantee: 'a change of nothing writes nothing',
    file: 'src/domain/correction.ts',
    find: 'if (isSame(before, after)) return { account, balance: before, entry: null };',
    replace: '',
    tests: ['graphql/corrections.test.ts'],
  },
  {
    guarantee: 'a correction of nothing uses up its key',
    file: 'src/meter/update-balance.ts',
    find: 'storedResult: () => updateBalanceToJson(stored)',
    replace: 'storedResult: () => (stored.changed ? updateBalanceToJson(stored) : null)',
    tests: ['graphql/corrections-two-gateways.test.ts'],
  },
  {
    guarantee: 'transferred usage leaves the balance that is deleted',
    file: 'src/domain/delete-balance.ts',
    find: 'isTransferred ? adjust(balance, unused(balance)) : balance',
    replace: 'balance',
    tests: ['graphql/corrections-two-gateways.test.ts'],
  },
  {
    guarantee: 'a balance with other terms is stored with them',
    file: 'src/meter/write/changed-balances.ts',
    find: "if (hasOtherTerms(before, after)) return 'correctedBalances';",
    replace: '',
    tests: ['graphql/corrections.test.ts'],
  },
];
