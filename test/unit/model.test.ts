/** Random histories, decided by the domain and by a model that shares no code with it. */
import { describe, expect, it } from 'vitest';
import { DomainCustomer } from '../support/cases/domain-customer.js';
import { CustomerModel } from '../support/model/model.js';
import { always } from '../support/random/always.js';
import {
  ENTITY_IDS,
  type Happening,
  history,
  replay,
  WILD_CATALOGUE,
} from '../support/random/arbitraries.js';

const grants = (happenings: readonly Happening[], featureId: string) =>
  happenings.some((happening) => 'grant' in happening && happening.grant.featureId === featureId);

const shown = ({ value, occurredAt, voided }: Shown) => ({ value, occurredAt, voided });

type Shown = Pick<CustomerModel['events'][number], 'value' | 'occurredAt' | 'voided'>;

describe('the domain', () => {
  it.each([
    { what: 'usage', holds: false, voids: false, runs: 800 },
    { what: 'usage and reservations', holds: true, voids: false, runs: 800 },
    { what: 'usage that is undone', holds: false, voids: true, runs: 800 },
    { what: 'usage and reservations that are undone', holds: true, voids: true, runs: 800 },
  ])(
    'answers every call of a history of $what as the model does, and ends in the same state',
    ({ holds, voids, runs }) =>
      always(runs, history({ holds, voids }), (happenings) => {
        const domain = new DomainCustomer(WILD_CATALOGUE);
        const model = new CustomerModel(WILD_CATALOGUE);
        const end = replay(
          happenings,
          (call, now) => expect(domain.apply(call, now)).toEqual(model.apply(call, now)),
          ({ void: back, inPlace }, now) => {
            const index = model.events.length - 1 - back;
            if (index < 0) return;
            if (inPlace !== undefined) {
              const call = { amend: { event: index, ...inPlace } };
              expect(domain.apply(call, now)).toEqual(model.apply(call, now));
            } else expect(domain.voidEvent(index, now)).toEqual(model.voidEvent(index, now));
          },
        );
        expect(domain.events.map(shown)).toEqual(model.events.map(shown));
        for (const { id } of WILD_CATALOGUE.filter(({ id }) => grants(happenings, id))) {
          for (const entityId of [null, ENTITY_IDS[0]]) {
            expect(domain.look(id, entityId, end)).toEqual(model.look(id, entityId, end));
          }
        }
      }),
  );
});
