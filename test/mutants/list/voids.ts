import type { Mutant } from '../mutant.js';

/** What is undone, once and as far as it may be. */
export const VOIDS: readonly Mutant[] = [
  {
    guarantee: 'an event is undone once',
    file: 'src/meter/undo-event.ts',
    find: 'const before = event.voided ?? voiding;',
    replace: 'const before = event.voided;',
    tests: ['unit/voids-in-one-batch.test.ts'],
  },
  {
    guarantee: 'an event of an earlier period gives nothing back',
    file: 'src/domain/void.ts',
    find: 'if (start !== null && takenAt < start) {',
    replace: 'if (start !== null && takenAt < start - 86_400_000 * 31) {',
    tests: ['unit/cases.test.ts'],
  },
  {
    guarantee: 'an event of the first millisecond of a period belongs to it',
    file: 'src/domain/void.ts',
    find: 'takenAt < start',
    replace: 'takenAt <= start + 1',
    tests: ['unit/cases.test.ts'],
  },
  {
    guarantee: 'nothing is given back above the grant',
    file: 'src/domain/void.ts',
    find: 'const ofMain = minQuantity(amount, maxQuantity(ZERO, balance.used));',
    replace: 'const ofMain = amount;',
    tests: ['unit/cases.test.ts'],
  },
  {
    guarantee: 'nothing is given back to an amount rolled over that has expired',
    file: 'src/domain/void.ts',
    find: 'part.expiresAt <= now',
    replace: 'part.expiresAt <= 0',
    tests: ['unit/cases.test.ts'],
  },
  {
    guarantee: 'a command that is about an event is not decided without it',
    file: 'src/meter/write/batch.ts',
    find: 'eventIds.length === 0 &&',
    replace: '',
    tests: ['graphql/void-event.test.ts'],
  },
  {
    guarantee: 'a correction of the reset does not move where the running period began',
    file: 'src/domain/period.ts',
    find: 'start > resetChange.at',
    replace: 'start > 0',
    tests: ['unit/cases.test.ts'],
  },
  {
    guarantee: 'after the first boundary of a corrected rule, periods are those of the rule',
    file: 'src/domain/period.ts',
    find: 'resetChange === null || (start !== null && start > resetChange.at)',
    replace: 'resetChange === null',
    tests: ['unit/cases.test.ts'],
  },
  {
    guarantee: 'where a period began is stored with the correction of its rule',
    file: 'src/store/commit-balance-rows.ts',
    find: "instant('period_started_at', ({ resetChange }) => resetChange?.periodStart ?? null)",
    replace: "instant('period_started_at', () => null)",
    tests: ['graphql/cases.test.ts'],
  },
  {
    guarantee: 'the words kept with an undone event are erased with its customer',
    file: 'src/store/erasure.ts',
    find: 'reason = NULL, actor = NULL',
    replace: 'reason = r.reason',
    tests: ['graphql/delete-customer.test.ts'],
  },
];

/** Many at once. */
export const VOIDS_OF_MANY: readonly Mutant[] = [
  {
    guarantee: 'what one of many events is given back is not there for the next',
    file: 'src/meter/void-events-command.ts',
    find: 'after = undone.account;',
    replace: 'after = this.#options.dryRun ? after : undone.account;',
    tests: ['graphql/cases.test.ts'],
  },
  {
    guarantee: 'a dry run writes nothing',
    file: 'src/meter/void-events-command.ts',
    find: 'const writes = eventVoids.length > 0 && !this.#options.dryRun;',
    replace: 'const writes = eventVoids.length > 0;',
    tests: ['graphql/void-events.test.ts'],
  },
  {
    guarantee: 'the next page begins after the last event of this one',
    file: 'src/meter/void-events.ts',
    find: 'isFull ? (events.at(-1)?.id ?? null) : found.stoppedAt',
    replace: 'isFull ? (found.events.at(-1)?.id ?? null) : found.stoppedAt',
    tests: ['graphql/cases.test.ts'],
  },
  {
    guarantee: 'a repetition counts apart what was given back before',
    file: 'src/domain/reversal-sums.ts',
    find: '(sum?.reversed ?? ZERO) + (before ? ZERO : amount)',
    replace: '(sum?.reversed ?? ZERO) + amount',
    tests: ['store/lost-void.test.ts'],
  },
];
