import type { Mutant } from '../mutant.js';

/** Amounts that are set aside, captured and given back. */
export const RESERVATIONS: readonly Mutant[] = [
  {
    guarantee: 'what is reserved of a balance is not left of it',
    file: 'src/domain/balance.ts',
    find: 'return granted - used - reserved;',
    replace: 'return granted - used - (reserved - reserved);',
    tests: ['unit/reservations.test.ts'],
  },
  {
    guarantee: 'a decision is valid until the next reservation expires',
    file: 'src/domain/account.ts',
    find: 'if (expiresAt > now) changesAt = earliest(changesAt, expiresAt);',
    replace: 'if (expiresAt > now) continue;',
    tests: ['unit/reservations.test.ts'],
  },
  {
    guarantee: 'what is given back to something that has expired is withdrawn',
    file: 'src/domain/advance.ts',
    find: 'return standing(lapsed) === standing(balance) ? null : lapsed;',
    replace: 'return null;',
    tests: ['unit/reservations.test.ts'],
  },
];
