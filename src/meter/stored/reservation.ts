/**
 * What is stored under the key of a call about a reservation: the reservation as it was then, what was taken, and the balances
 * that the answer shows, each once; sums are recomputed from them.
 */
import { z } from 'zod';
import { type FeatureBalance, sumOf } from '../../domain/account.js';
import type { Balance } from '../../domain/balance.js';
import type { Deduction, Shortfall } from '../../domain/deduction.js';
import { HOLD_ENDS, type Hold } from '../../domain/hold.js';
import { quantityToText } from '../../domain/quantity.js';
import { readStored, STORED_VERSION } from '../../domain/stored.js';
import { amount, balanceSchema, balanceToJson, instant } from './balance.js';
import { type Missing, missing, missingToJson, shortfall, shortfallToJson } from './missing.js';

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
  return readStored<StoredReservation>(json, [schema, schema]);
}

const hold = z
  .object({
    id: z.string(),
    entity: z.string().nullable().default(null),
    feature: z.string().nullable().default(null),
    name: z.string().nullable().default(null),
    value: amount,
    held: amount,
    used: amount,
    created: instant,
    expires: instant,
    ended: z
      .tuple([z.enum(HOLD_ENDS), instant])
      .nullable()
      .default(null),
  })
  .transform(
    ({ entity, feature, name, created, expires, ended, ...same }): StoredHold => ({
      ...same,
      entityId: entity,
      featureId: feature,
      eventName: name,
      createdAt: created,
      expiresAt: expires,
      ended: ended === null ? null : { how: ended[0], at: ended[1] },
    }),
  );

const schema = z.union([
  missing,
  z.object({ tooMany: z.tuple([z.enum(['reservations', 'amounts']), z.int()]) }),
  z.object({
    hold,
    value: amount,
    event: z
      .string()
      .regex(/^[0-9a-f]{20}$/)
      .nullable()
      .default(null),
    balances: z.array(balanceSchema).transform(byFeature),
    deductions: z.array(
      z
        .tuple([z.string(), z.string(), amount])
        .transform(
          ([balanceId, featureId, amount]): Deduction => ({ balanceId, featureId, amount }),
        ),
    ),
    unapplied: z.array(shortfall),
  }),
]);

function byFeature(balances: readonly Balance[]): FeatureBalance[] {
  const features = [...new Set(balances.map(({ featureId }) => featureId))];
  return features.map((id) =>
    sumOf(
      id,
      balances.filter(({ featureId }) => featureId === id),
    ),
  );
}
