/** Random histories in which balances are corrected and ended, too, decided by the domain and by the model (R28, R32 to R35). */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { standing } from '../../src/domain/balance.js';
import { type PlainChange, RefusedChange } from '../support/cases/domain-corrections.js';
import { DomainCustomer } from '../support/cases/domain-customer.js';
import { CustomerModel } from '../support/model/model.js';
import { always } from '../support/random/always.js';
import {
  ENTITY_IDS,
  type Happening,
  HISTORY_START,
  history,
  WILD_CATALOGUE,
} from '../support/random/arbitraries.js';
import { type Random, randomOf } from '../support/random/random.js';
import { randomCorrection } from '../support/random/random-corrections.js';

/** The same customer twice. */
class Twice {
  readonly domain = new DomainCustomer(WILD_CATALOGUE);
  readonly model = new CustomerModel(WILD_CATALOGUE);
  now = HISTORY_START;

  happens(happening: Happening): void {
    if ('waitMs' in happening) this.now += happening.waitMs;
    else if ('void' in happening) this.#undo(happening);
    else this.#same((customer) => customer.apply(happening, this.now));
  }

  #undo({ void: back, inPlace }: Extract<Happening, { void: number }>): void {
    const event = this.model.events.length - 1 - back;
    if (event < 0) return;
    this.#same((customer) =>
      inPlace === undefined
        ? customer.voidEvent(event, this.now)
        : customer.apply({ amend: { event, ...inPlace } }, this.now),
    );
  }

  #same(answer: (customer: DomainCustomer | CustomerModel) => unknown): void {
    expect(answer(this.domain)).toEqual(answer(this.model));
  }

  /** What the domain accepts, the model does as well. */
  correct(random: Random): void {
    const [first, ...others] = this.domain.account.balances.map(({ id }) => id);
    if (first === undefined) return;
    const call = randomCorrection({ name: random.pick([first, ...others]) }, random, this.now);
    if (this.#accepts(call)) this.model.apply(call, this.now);
  }

  #accepts(call: PlainChange): boolean {
    try {
      this.domain.apply(call, this.now);
      return true;
    } catch (error) {
      if (error instanceof RefusedChange) return false;
      throw error;
    }
  }

  /** Balances that do not stand as their ledgers say. */
  damages(): string[] {
    const sums = new Map<string, bigint>();
    for (const { balanceId, amount } of this.domain.entries) {
      sums.set(balanceId, (sums.get(balanceId) ?? 0n) + amount);
    }
    return this.domain.account.balances
      .filter((balance) => sums.get(balance.id) !== standing(balance))
      .map(({ id }) => id);
  }
}

const CALLS_MAX = 40;

it('the domain answers every call as the model does, whatever was corrected before, and its ledger sums', () =>
  always(
    400,
    fc.tuple(history({ holds: true, voids: true, lengthMax: CALLS_MAX }), fc.nat()),
    ([happenings, seed]) => {
      const both = new Twice();
      const random = randomOf(seed);
      for (const happening of happenings) {
        both.happens(happening);
        if (random.once(3)) both.correct(random);
        expect(both.damages()).toEqual([]);
      }
      for (const { id } of WILD_CATALOGUE) {
        for (const entityId of [null, ENTITY_IDS[0]]) {
          expect(both.domain.look(id, entityId, both.now)).toEqual(
            both.model.look(id, entityId, both.now),
          );
        }
      }
    },
  ));
