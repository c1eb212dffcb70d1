import type { Mutant } from '../mutant.js';

/** Amounts that are set aside, captured and given back. */
export const RESERVATIONS: readonly Mutant[] = [
  {
    guarantee: 'the id of a reservation in a batch comes from the key of the request and its index',
    file: 'src/schema/reservation-mutations.ts',
    find: 'keyed({ idempotencyKey: input.reservationId }, context, info, index)',
    replace: 'keyed({ idempotencyKey: input.reservationId }, context, info)',
    tests: ['graphql/idempotency-header.test.ts'],
  },
  {
    guarantee: 'an item of a batch that fails does not affect the others',
    file: 'src/meter/items.ts',
    find: 'return itemFailure(error);',
    replace: 'throw error;',
    tests: ['graphql/reservation-batches-trouble.test.ts'],
  },
  {
    guarantee: 'an operation has one batch, whichever mutations they are of',
    file: 'src/http/limits.ts',
    find: 'if (batches.length > ROOT_BATCHES_MAX) {',
    replace: 'if (batches.length > new Set(batches).size) {',
    tests: ['graphql/track-balances-limits.test.ts'],
  },
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
  {
    guarantee: 'a capture without a value takes what is held of each feature, and nothing more',
    file: 'src/domain/settle.ts',
    find: 'splitCharge(charge, request.value ?? charge.held,',
    replace: 'splitCharge(charge, value,',
    tests: ['unit/cases.test.ts'],
  },
  {
    guarantee: 'what is captured beyond what is held is charged feature by feature',
    file: 'src/domain/settle.ts',
    find: '    account = plan.after;',
    replace: '    if (refusal === null) account = plan.after;',
    tests: ['unit/reservations.test.ts'],
  },
  {
    guarantee: 'what was taken first is used first',
    file: 'src/domain/split-charge.ts',
    find: '  for (const take of takes) {',
    replace: '  for (const take of takes.toReversed()) {',
    tests: ['unit/cases.test.ts'],
  },
  {
    guarantee: 'a reservation expires even before its balance begins',
    file: 'src/domain/advance.ts',
    find: 'if (!hasStarted(balance, now) && due.length === 0) {',
    replace: 'if (!hasStarted(balance, now)) {',
    tests: ['unit/cases.test.ts'],
  },
  {
    guarantee: 'a balance that has not begun has no start that a decision would wait for',
    file: 'src/domain/advance.ts',
    find: 'let changedAt = begins === null ? start.startsAt : null;',
    replace: 'let changedAt = start.startsAt;',
    tests: ['unit/reservations.test.ts'],
  },
  {
    guarantee: 'an expiry is judged by the clock of the commit',
    file: 'src/meter/reserve-balance.ts',
    find: 'this.decisionChangesAt = window?.from ?? null;',
    replace: 'this.decisionChangesAt = null;',
    tests: ['graphql/reservations.test.ts'],
  },
  {
    guarantee: 'an expiry that was too soon by a stale clock is judged again',
    file: 'src/meter/reserve-balance.ts',
    find: 'this.decisionEndsAt = window?.until ?? null;',
    replace: 'this.decisionEndsAt = null;',
    tests: ['graphql/reservations.test.ts'],
  },
  {
    guarantee: 'twins of a call that settles a reservation get one effect and one answer',
    file: 'src/meter/settle-reservation.ts',
    find: 'this.idempotency = key === null ? null : { key, fingerprint: action.fingerprint };',
    replace:
      'this.idempotency = key === null || key !== null ? null : { key, fingerprint: action.fingerprint };',
    tests: ['graphql/reservations-at-once.test.ts'],
  },
];
