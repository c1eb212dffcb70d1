import type { Mutant } from '../mutant.js';

/** What takes the place of an event. */
export const AMENDMENTS: readonly Mutant[] = [
  {
    guarantee: 'nothing takes the place of an event that was undone in the same batch',
    file: 'src/meter/amend-event.ts',
    find: 'if (known.event.voided !== null || known.voiding !== null) return this.#tooLate',
    replace: 'if (known.event.voided !== null) return this.#tooLate',
    tests: ['graphql/amend-event.test.ts'],
    survives:
      'The primary key of event_voids refuses a second row: the batch is committed again one by one, with the same answers.',
  },
  {
    guarantee: 'what is given back can be taken by the event in its place',
    file: 'src/domain/amend.ts',
    find: 'track(undone.account, catalog,',
    replace: 'track(account, catalog,',
    tests: ['unit/cases.test.ts'],
  },
  {
    guarantee: 'an event is not amended for an entity that is not there',
    file: 'src/store/load.ts',
    find: 'AND v.id = ANY (r.event_ids))`',
    replace: 'AND false)`',
    tests: ['graphql/cases.test.ts'],
  },
  {
    guarantee: 'the event in its place keeps the properties',
    file: 'src/meter/amend-event.ts',
    find: 'this.#properties ?? before.properties',
    replace: 'this.#properties',
    tests: ['graphql/amend-event.test.ts'],
  },
  {
    guarantee: 'events name each other',
    file: 'src/meter/amend-event.ts',
    find: 'amendedById: uuidOf(draft.occurredAt, draft.tail)',
    replace: 'amendedById: null',
    tests: ['graphql/amend-event.test.ts'],
  },
];
