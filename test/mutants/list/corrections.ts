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
];
