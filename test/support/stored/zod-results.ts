/** The zod schemas of the results that are stored under keys, in the order of their versions. */
import { z } from 'zod';
import { type FeatureBalance, sumOf } from '../../../src/domain/account.js';
import type { Balance } from '../../../src/domain/balance.js';
import type { Deduction, Shortfall } from '../../../src/domain/deduction.js';
import { HOLD_ENDS } from '../../../src/domain/hold.js';
import type { Fingerprint } from '../../../src/domain/idempotency.js';
import { type Quantity, ZERO } from '../../../src/domain/quantity.js';
import { DENIAL_REASONS, type WhyNot } from '../../../src/domain/refusal.js';
import {
  amount,
  balanceSchema,
  balanceSchemaV0,
  instant,
  markedAmount,
  uuid,
} from './zod-balance.js';

const tail = z.string().regex(/^[0-9a-f]{20}$/);

const shortfall = z
  .tuple([z.string(), z.string(), amount])
  .transform(
    ([featureId, chargedFeatureId, amount]): Shortfall => ({ featureId, chargedFeatureId, amount }),
  );

const why = z
  .tuple([z.enum(DENIAL_REASONS), amount.nullable(), z.int().nullable()])
  .transform(
    ([reason, largestAllowed, nextChangeAt]): WhyNot => ({ reason, largestAllowed, nextChangeAt }),
  );

const missing = z.object({
  missing: z.array(shortfall),
  why: why.nullable().default(null),
});

const trackedV1 = z.union([
  missing,
  z
    .object({
      event: tail,
      balances: z.array(balanceSchema).default([]),
      deductions: z.array(z.tuple([z.int(), amount])).default([]),
      unapplied: z.array(shortfall).default([]),
    })
    .transform(({ event, balances, deductions, unapplied }) => ({
      event,
      balances: byFeature(balances),
      deductions: deductions.flatMap(([place, amount]) => deductionOf(balances[place], amount)),
      unapplied,
    })),
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

const trackedV0 = z.union([
  z.object({ missing: z.array(shortfallV0) }).transform(({ missing }) => ({ missing, why: null })),
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
    .transform(({ event, tracked }) => {
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

export const TRACK_BALANCE = [trackedV0, trackedV1];

export const CREATE_BALANCE = [
  balanceSchemaV0.transform((balance) => ({ balance, created: true })),
  z.object({ balance: balanceSchema, created: z.boolean().default(true) }),
];

const updated = z.object({ balance: balanceSchema, changed: z.boolean().default(true) });

export const UPDATE_BALANCE = [updated, updated];

const deleted = z
  .object({
    balance: balanceSchema,
    transferred: z.array(z.tuple([uuid, amount])).default([]),
    notTransferred: amount.default(ZERO),
  })
  .transform(({ balance, transferred, notTransferred }) => ({
    balance,
    transferred: transferred.map(([balanceId, amount]) => ({
      balanceId,
      featureId: balance.featureId,
      amount,
    })),
    notTransferred,
  }));

export const DELETE_BALANCE = [deleted, deleted];

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
  .transform(({ entity, feature, name, created, expires, ended, ...same }) => ({
    ...same,
    entityId: entity,
    featureId: feature,
    eventName: name,
    createdAt: created,
    expiresAt: expires,
    ended: ended === null ? null : { how: ended[0], at: ended[1] },
  }));

const reservation = z.union([
  missing,
  z.object({ tooMany: z.tuple([z.enum(['reservations', 'amounts']), z.int()]) }),
  z.object({
    hold,
    value: amount,
    event: tail.nullable().default(null),
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

export const RESERVATION = [reservation, reservation];

export const FINGERPRINT = [
  z.record(z.string(), z.string().nullable()),
  z
    .object({ v: z.literal(1) })
    .catchall(z.string())
    .transform(({ v: _, ...fields }): Fingerprint => fields),
];

export const GRANTED_RESET = [
  z.object({
    interval: z.object({ unit: z.string(), count: z.int().default(1) }),
    anchor: z.number().nullable().default(null),
    timeZone: z.string().nullable().default(null),
    rollover: z.record(z.string(), z.unknown()).nullable().default(null),
    carryOverage: z.boolean().default(false),
  }),
];
