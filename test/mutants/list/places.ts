/** Guarantees of the fence: while customers are closed, nothing of them is written. */
import type { Mutant } from '../mutant.js';

export const PLACES: readonly Mutant[] = [
  {
    guarantee: 'every table of customers is closed',
    file: 'src/store/fence.ts',
    find: 'for (const table of CUSTOMER_TABLES) {',
    replace: "for (const table of CUSTOMER_TABLES.filter((name) => name !== 'entities')) {",
    tests: ['graphql/fence.test.ts'],
  },
  {
    guarantee: 'opening does not wait for those who read',
    file: 'src/store/fence.ts',
    find: "await define(client, 'RETURN NULL;', 'NULL');\n        return true;",
    replace: 'return true;',
    tests: ['graphql/fence.test.ts'],
  },
  {
    guarantee: 'closing while another session opens is not undone by it',
    file: 'src/store/fence.ts',
    find: '  if ((await readClosedSince(client)) !== null) return true;\n',
    replace: '',
    tests: ['graphql/fence.test.ts'],
  },
  {
    guarantee: 'a call that is refused because customers are closed says so',
    file: 'src/store/failure.ts',
    find: "  [CLOSED_STATE, 'CLOSED'],\n",
    replace: '',
    tests: ['graphql/fence.test.ts'],
  },
  {
    guarantee: 'calls wait for a moment until customers are opened',
    file: 'src/store/retry.ts',
    find: 'closedWait.isWorthwhile(monotonicMs())',
    replace: 'false',
    tests: ['graphql/fence.test.ts'],
  },
  {
    guarantee: 'calls wait together, and not one after the other',
    file: 'src/store/closed-wait.ts',
    find: 'if (now - this.#last > FORGOTTEN_MS) this.#since = now;',
    replace: 'this.#since = now;',
    tests: ['unit/closed-wait.test.ts'],
  },
];
