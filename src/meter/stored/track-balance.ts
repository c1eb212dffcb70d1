/**
 * What is stored under the key of a `trackBalance`. Version 1 holds the balances that the answer
 * shows, each once, and what was taken by their indexes; sums are recomputed from them. What the
 * call itself says, such as when it occurred, is not repeated.
 */
import { z } from 'zod';
import { type FeatureBalance, sumOf } from '../../domain/account.js';
import { present } from '../../domain/assert.js';
import type { Balance } from '../../domain/balance.js';
import type { Deduction, Shortfall } from '../../domain/deduction.js';
import { type Quantity, quantityToText, ZERO } from '../../domain/quantity.js';
import { readStored, STORED_VERSION } from '../../domain/stored.js';
import { type Tracked, theOne } from '../../domain/track.js';
import {
  amount,
  balanceSchema,
  balanceSchemaV0,
  balanceToJson,
  instant,
  markedAmount,
  uuid,
} from './balance.js';
import { type Missing, missing, missingToJson, shortfall, shortfallToJson } from './missing.js';

/** Either what was done or what was missing. */
export type StoredTrackBalance =
  | {
      /** The tail of the event's id. */
      readonly event: string;
      readonly tracked: Tracked;
    }
  | Missing;

export function trackBalanceToJson(stored: StoredTrackBalance): string {
  if ('missing' in stored) return JSON.stringify({ v: STORED_VERSION, ...missingToJson(stored) });
  const { balances, deductions, unapplied } = stored.tracked;
  const [only] = balances;
  const shown =
    only !== undefined && balances.length === 1
      ? only.breakdown
      : balances.flatMap(({ breakdown }) => breakdown);
  const placeOf = placesIn(shown);
  const deductionToJson = ({ balanceId, amount }: Deduction) => [
    placeOf(balanceId),
    quantityToText(amount),
  ];
  // A member that is undefined is omitted from the text.
  return JSON.stringify({
    v: STORED_VERSION,
    event: stored.event,
    balances: shown.length > 0 ? shown.map(balanceToJson) : undefined,
    deductions: deductions.length > 0 ? deductions.map(deductionToJson) : undefined,
    unapplied: unapplied.length > 0 ? unapplied.map(shortfallToJson) : undefined,
  });
}

/** Up to so many balances are looked through, which takes less long than to index them. */
const LOOKED_THROUGH_MAX = 8;

function placesIn(shown: readonly Balance[]): (balanceId: string) => number {
  const found = (place: number | undefined) =>
    present(place, 'a balance that paid is among those shown');
  if (shown.length <= LOOKED_THROUGH_MAX) {
    return (balanceId) => {
      const place = shown.findIndex(({ id }) => id === balanceId);
      return found(place === -1 ? undefined : place);
    };
  }
  const places = new Map(shown.map(({ id }, place) => [id, place]));
  return (balanceId) => found(places.get(balanceId));
}

/** The call's `featureId` says which balance it is. */
export function trackBalanceFromJson(
  json: unknown,
  call: { readonly featureId: string | null },
): StoredTrackBalance {
  const stored = readStored<Shown | Missing>(json, [version0, version1]);
  if ('missing' in stored) return stored;
  const { event, balances, deductions, unapplied } = stored;
  return {
    event,
    tracked: { balances, balance: theOne(balances, call), deductions, unapplied },
  };
}

type Shown = { readonly event: string } & Omit<Tracked, 'balance'>;

/** What an event's id consists of besides its time. */
const tail = z.string().regex(/^[0-9a-f]{20}$/);

const version1 = z.union([
  missing,
  z
    .object({
      event: tail,
      balances: z.array(balanceSchema).default([]),
      deductions: z.array(z.tuple([z.int(), amount])).default([]),
      unapplied: z.array(shortfall).default([]),
    })
    .transform(
      ({ event, balances, deductions, unapplied }): Shown => ({
        event,
        balances: byFeature(balances),
        deductions: deductions.flatMap(([place, amount]) => deductionOf(balances[place], amount)),
        unapplied,
      }),
    ),
]);

function byFeature(balances: readonly Balance[]): FeatureBalance[] {
  const features = new Map<string, Balance[]>();
  for (const balance of balances) {
    const found = features.get(balance.featureId);
    if (found === undefined) features.set(balance.featureId, [balance]);
    else found.push(balance);
  }
  return [...features].map(([featureId, breakdown]) => sumOf(featureId, breakdown));
}

function deductionOf(balance: Balance | undefined, amount: Quantity): Deduction[] {
  return balance === undefined
    ? []
    : [{ balanceId: balance.id, featureId: balance.featureId, amount }];
}

const shortfallV0 = z
  .object({
    featureId: z.string(),
    chargedFeatureId: z.string().optional(),
    amount: markedAmount.default(ZERO),
  })
  .transform(
    ({ featureId, chargedFeatureId = featureId, amount }): Shortfall => ({
      featureId,
      chargedFeatureId,
      amount,
    }),
  );

const featureBalanceV0 = z
  .object({
    featureId: z.string(),
    granted: markedAmount.default(ZERO),
    remaining: markedAmount.default(ZERO),
    usage: markedAmount.default(ZERO),
    overage: markedAmount.default(ZERO),
    unlimited: z.boolean().default(false),
    overageAllowed: z.boolean().default(false),
    nextResetAt: instant.nullable().default(null),
    breakdown: z.array(balanceSchemaV0).default([]),
  })
  .transform(
    (stored): FeatureBalance =>
      stored.breakdown.length === 0
        ? { ...stored, reserved: ZERO }
        : sumOf(stored.featureId, stored.breakdown),
  );

const version0 = z.union([
  z
    .object({ missing: z.array(shortfallV0) })
    .transform(({ missing }): Missing => ({ missing, why: null })),
  z
    .object({
      event: z.object({ tail }),
      tracked: z.object({
        balances: z.array(featureBalanceV0).default([]),
        deductions: z
          .array(
            z.object({
              balanceId: uuid,
              featureId: z.string().optional(),
              amount: markedAmount.default(ZERO),
            }),
          )
          .default([]),
        unapplied: z.array(shortfallV0).default([]),
      }),
    })
    .transform(({ event, tracked }): Shown => {
      const balances = tracked.balances.flatMap(({ breakdown }) => breakdown);
      return {
        event: event.tail,
        balances: tracked.balances,
        deductions: tracked.deductions.map(({ balanceId, featureId, amount }) => ({
          balanceId,
          featureId: featureId ?? balances.find(({ id }) => id === balanceId)?.featureId ?? '',
          amount,
        })),
        unapplied: tracked.unapplied,
      };
    }),
]);
