/** The zod schemas of a balance within stored results, of both versions: what the readers are compared with. */
import { z } from 'zod';
import type { Balance, ResetRule, Rollover, RolloverMax } from '../../../src/domain/balance.js';
import { INTERVAL_UNITS, type Interval } from '../../../src/domain/interval.js';
import { type Quantity, quantityFromText, ZERO } from '../../../src/domain/quantity.js';
import { timeOfUuid } from '../../../src/platform/id.js';

const AMOUNT = /^-?\d+(\.\d{1,10})?$/;

export const amount = z.string().regex(AMOUNT).transform(quantityFromText);

/** An amount of version 0. */
export const markedAmount = z
  .string()
  .regex(/^=-?\d+(\.\d{1,10})?$/)
  .transform((text) => quantityFromText(text.slice(1)));

const unit = z.enum(INTERVAL_UNITS);

const interval = z
  .tuple([z.int32(), unit])
  .transform(([count, unit]): Interval => ({ unit, count }));

/** The largest time, in milliseconds, that `Date` can hold. */
const DATE_MAX = 8.64e15;

export const instant = z.number().min(-DATE_MAX).max(DATE_MAX);

/** In any version: ids that releases make have one form. */
export const uuid = z.guid();

const reset = z
  .object({
    every: interval,
    anchor: instant,
    zone: z.string().nullable().default(null),
    rollover: z
      .object({
        max: amount.optional(),
        percent: amount.optional(),
        keep: interval.nullable().default(null),
      })
      .transform(({ max, percent, keep }) => ({ max: maxOf(max, percent), keep }))
      .nullable()
      .default(null),
    carryOverage: z.boolean().default(false),
  })
  .transform(
    ({ every, anchor, zone, rollover, carryOverage }): ResetRule => ({
      interval: every,
      anchor,
      timeZone: zone,
      rollover,
      carryOverage,
    }),
  );

function maxOf(amount: Quantity | undefined, percent: Quantity | undefined): RolloverMax | null {
  if (amount !== undefined) return { kind: 'AMOUNT', amount };
  return percent === undefined ? null : { kind: 'PERCENT', percent };
}

export const balanceSchema = z
  .object({
    id: uuid,
    given: z.string().nullable().default(null),
    feature: z.string(),
    entity: z.string().nullable().default(null),
    granted: amount.default(ZERO),
    used: amount.default(ZERO),
    reserved: amount.default(ZERO),
    unlimited: z.boolean().default(false),
    rollovers: z
      .array(
        z.tuple([amount, amount, instant.nullable(), amount.optional()]).transform(
          ([granted, used, expiresAt, reserved]): Rollover => ({
            granted,
            used,
            expiresAt,
            ...(reserved !== undefined && { reserved }),
          }),
        ),
      )
      .default([]),
    priority: z.int32().default(0),
    reset: reset.nullable().default(null),
    resets: instant.nullable().default(null),
    starts: instant.nullable().default(null),
    expires: instant.nullable().default(null),
    overage: z.boolean().default(false),
    overageLimit: amount.nullable().default(null),
    seq: z.int().default(0),
    created: instant.optional(),
  })
  .transform(
    ({
      given,
      feature,
      entity,
      resets,
      starts,
      expires,
      overage,
      seq,
      created,
      ...same
    }): Balance => ({
      ...same,
      givenId: given,
      featureId: feature,
      entityId: entity,
      nextResetAt: resets,
      startsAt: starts,
      expiresAt: expires,
      overageAllowed: overage,
      createdAt: created ?? timeOfUuid(same.id),
      ledgerSeq: seq,
      resetChange: null,
      expiredAt: null,
    }),
  );

const intervalV0 = z.object({ unit, count: z.int32().default(1) });

const resetV0 = z.object({
  interval: intervalV0,
  anchor: instant,
  timeZone: z.string().nullable().default(null),
  rollover: z
    .object({
      max: z
        .union([
          z.object({ kind: z.literal('AMOUNT'), amount: markedAmount }),
          z.object({ kind: z.literal('PERCENT'), percent: markedAmount }),
        ])
        .nullable()
        .default(null),
      keep: intervalV0.nullable().default(null),
    })
    .nullable()
    .default(null),
  carryOverage: z.boolean().default(false),
});

/** With defaults for everything except the ids, as releases before 0.1.0 had fewer fields. */
export const balanceSchemaV0 = z
  .object({
    id: uuid,
    featureId: z.string(),
    entityId: z.string().nullable().default(null),
    unlimited: z.boolean().default(false),
    granted: markedAmount.default(ZERO),
    used: markedAmount.default(ZERO),
    rollovers: z
      .array(
        z.object({
          granted: markedAmount.default(ZERO),
          used: markedAmount.default(ZERO),
          expiresAt: instant.nullable().default(null),
        }),
      )
      .default([]),
    priority: z.int32().default(0),
    reset: resetV0.nullable().default(null),
    nextResetAt: instant.nullable().default(null),
    startsAt: instant.nullable().default(null),
    expiresAt: instant.nullable().default(null),
    overageAllowed: z.boolean().default(false),
    overageLimit: markedAmount.nullable().default(null),
    createdAt: instant.optional(),
    ledgerSeq: z.int().default(0),
  })
  .transform(
    ({ createdAt, ...same }): Balance => ({
      ...same,
      givenId: null,
      reserved: ZERO,
      resetChange: null,
      createdAt: createdAt ?? timeOfUuid(same.id),
      expiredAt: null,
    }),
  );
