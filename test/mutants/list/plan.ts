import type { Mutant } from '../mutant.js';

/** The plan of usage, and the verbs that look at it. */
export const PLAN: readonly Mutant[] = [
  {
    guarantee: 'a plan tells what is overage from what is within the grant',
    file: 'src/domain/deduction.ts',
    find: "const EXCEED: Way = { sign: 1n, as: 'OVERAGE' };",
    replace: "const EXCEED: Way = { sign: 1n, as: 'GRANT' };",
    tests: ['unit/charge-property.test.ts'],
  },
  {
    guarantee: 'the largest value that is allowed is accepted as it is shown',
    file: 'src/schema/denial-reason.ts',
    find: 'null : roundedDown(largestAllowed)',
    replace: 'null : largestAllowed',
    tests: ['graphql/check-balance.test.ts'],
  },
  {
    guarantee: 'a check reads the balances again once the version has changed',
    file: 'src/store/standings.ts',
    find: 'WHERE c.version IS DISTINCT FROM c.known',
    replace: 'WHERE c.known IS NULL',
    tests: ['graphql/check-two-gateways.test.ts'],
  },
  {
    guarantee: 'what a check has read for later writes has the reservations',
    file: 'src/store/standings.ts',
    find: 'WHERE r.version IS DISTINCT FROM r.known',
    replace: 'WHERE r.known = -1',
    tests: ['graphql/check-two-gateways.test.ts'],
  },
  {
    guarantee: 'a check says when a reservation expires',
    file: 'src/domain/why-not.ts',
    find: 'if (isHeldOf) next',
    replace: 'if (isHeldOf && next !== null) next',
    tests: ['unit/check-property.test.ts'],
  },
  {
    guarantee: 'a BOOLEAN feature that is not held is not allowed',
    file: 'src/domain/check.ts',
    find: "type === 'BOOLEAN' && slotsOf",
    replace: "type !== 'BOOLEAN' && slotsOf",
    tests: ['graphql/check-balance.test.ts'],
  },
  {
    guarantee: 'checks of one customer share what is read, but not with those of its entities',
    file: 'src/meter/check-balances.ts',
    find: 'ofCustomer.get(entityId)',
    replace: 'ofCustomer.values().next().value',
    tests: ['graphql/check-balance.test.ts'],
  },
  {
    guarantee: 'each of a thousand checks of one customer has its own answer',
    file: 'src/meter/check-balances.ts',
    find: 'checks: [check] };',
    replace: 'checks: [] };',
    tests: ['graphql/check-balance.test.ts'],
  },
  {
    guarantee: 'a customer that cannot be read does not affect the checks of others',
    file: 'src/meter/check-balances.ts',
    find: 'for (const { place } of checks) results[place] = itemFailure(error);',
    replace: 'throw error;',
    tests: ['graphql/unreadable-balance.test.ts'],
  },
  {
    guarantee: 'the largest allowed value is the last one that rounds to what is left',
    file: 'src/domain/largest-allowed.ts',
    find: '-(2n * amount + 1n)',
    replace: '-(2n * amount)',
    tests: ['unit/check-property.test.ts'],
  },
];
