/**
 * What is stored under the key of a call about a reservation: the reservation as it was then, what was taken, and the balances
 * that the answer shows, each once; sums are recomputed from them.
 */
import { type FeatureBalance, sumOf } from '../../domain/account.js';
import type { Balance } from '../../domain/balance.js';
import type { Deduction, Shortfall } from '../../domain/deduction.js';
import { HOLD_ENDS, type Hold } from '../../domain/hold.js';
import { quantityToText } from '../../domain/quantity.js';
import { readStored, STORED_VERSION } from '../../domain/stored.js';
import {
  amount,
  elementsOf,
  formsOf,
  instant,
  int,
  listOf,
  Members,
  oneOf,
  type Reader,
  tail,
  text,
} from '../../domain/stored-values.js';
import { balanceOf, balanceToJson } from './balance.js';
import { type Missing, missingOf, missingToJson, shortfallOf, shortfallToJson } from './missing.js';

/** A reservation without what it holds of which balance, and its properties. */
export type StoredHold = Omit<Hold, 'charges' | 'properties'>;

/** Either what was done, or why not. */
export type StoredReservation =
  | {
      readonly hold: StoredHold;
      readonly value: Hold['value'];
      /** The tail of the event's id; null if there is none. */
      readonly event: string | null;
      readonly balances: readonly FeatureBalance[];
      readonly deductions: readonly Deduction[];
      readonly unapplied: readonly Shortfall[];
    }
  | Missing
  | { readonly tooMany: TooMany };

/** What there were too many of, and the most there can be. */
type TooMany = readonly ['reservations' | 'amounts', number];

export function reservationToJson(stored: StoredReservation): string {
  if ('missing' in stored) return JSON.stringify({ v: STORED_VERSION, ...missingToJson(stored) });
  if ('tooMany' in stored) return JSON.stringify({ v: STORED_VERSION, tooMany: stored.tooMany });
  const { hold, value, event, balances, deductions, unapplied } = stored;
  return JSON.stringify({
    v: STORED_VERSION,
    hold: holdToJson(hold),
    value: quantityToText(value),
    event: event ?? undefined,
    balances: balances.flatMap(({ breakdown }) => breakdown.map(balanceToJson)),
    deductions: deductions.map((one) => [one.balanceId, one.featureId, quantityToText(one.amount)]),
    unapplied: unapplied.map(shortfallToJson),
  });
}

function holdToJson(hold: StoredHold) {
  return {
    id: hold.id,
    entity: hold.entityId ?? undefined,
    feature: hold.featureId ?? undefined,
    name: hold.eventName ?? undefined,
    value: quantityToText(hold.value),
    held: quantityToText(hold.held),
    used: quantityToText(hold.used),
    created: hold.createdAt,
    expires: hold.expiresAt,
    ended: hold.ended === null ? undefined : [hold.ended.how, hold.ended.at],
  };
}

export function reservationFromJson(json: unknown): StoredReservation {
  return readStored(json, [read, read]);
}

const holdOf: Reader<StoredHold> = (json) => {
  const stored = new Members(json);
  return {
    id: stored.get('id', text),
    entityId: stored.orNull('entity', text),
    featureId: stored.orNull('feature', text),
    eventName: stored.orNull('name', text),
    value: stored.get('value', amount),
    held: stored.get('held', amount),
    used: stored.get('used', amount),
    createdAt: stored.get('created', instant),
    expiresAt: stored.get('expires', instant),
    ended: stored.orNull('ended', endOf),
  };
};

const endOf: Reader<StoredHold['ended']> = (json) => {
  const parts = elementsOf(json, 2);
  return { how: parts.at(0, oneOf(HOLD_ENDS)), at: parts.at(1, instant) };
};

const tooManyOf: Reader<TooMany> = (json) => {
  const parts = elementsOf(json, 2);
  return [parts.at(0, oneOf(['reservations', 'amounts'])), parts.at(1, int)];
};

const deductionOf: Reader<Deduction> = (json) => {
  const parts = elementsOf(json, 3);
  return {
    balanceId: parts.at(0, text),
    featureId: parts.at(1, text),
    amount: parts.at(2, amount),
  };
};

const read: Reader<StoredReservation> = formsOf<StoredReservation>(
  ['missing', missingOf],
  ['tooMany', (json) => ({ tooMany: new Members(json).get('tooMany', tooManyOf) })],
  [
    'hold',
    (json) => {
      const stored = new Members(json);
      return {
        hold: stored.get('hold', holdOf),
        value: stored.get('value', amount),
        event: stored.orNull('event', tail),
        balances: byFeature(stored.get('balances', listOf(balanceOf))),
        deductions: stored.get('deductions', listOf(deductionOf)),
        unapplied: stored.get('unapplied', listOf(shortfallOf)),
      };
    },
  ],
);

function byFeature(balances: readonly Balance[]): FeatureBalance[] {
  const features = [...new Set(balances.map(({ featureId }) => featureId))];
  return features.map((id) =>
    sumOf(
      id,
      balances.filter(({ featureId }) => featureId === id),
    ),
  );
}
