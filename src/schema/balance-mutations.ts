import type { RolloverRule } from '../domain/balance.js';
import type { ResetRequest } from '../domain/grant.js';
import { type CreateBalanceInput, type CreatedBalance, createBalance } from '../meter/balance.js';
import { builder } from './builder.js';
import { resultUnion, unionValue } from './errors.js';
import { atMostOne, needs } from './input/constraints.js';
import * as rules from './input/rules.js';
import { toInstant, toQuantity, toTimeZone } from './input/values.js';
import { ResetInterval } from './interval.js';
import { BalanceRef, CustomerRef } from './nouns.js';
import { keyed } from './request-key.js';

/** How many units an interval has if only its unit is given. */
const ONE_UNIT = 1;

export const BalanceRolloverInput = builder.inputType('BalanceRolloverInput', {
  description: 'How unused amounts are carried over at a reset.',
  validate: [atMostOne('maxPercent', 'max'), needs('intervalCount', 'interval', ONE_UNIT)],
  fields: (t) => ({
    max: t.float({
      validate: rules.quantityNotNegative,
      description: 'The most that can be carried over at any time. No limit if omitted.',
    }),
    maxPercent: t.float({
      validate: rules.rolloverPercent,
      description:
        'The most that can be carried over at any time as a percentage of the grant, rounded ' +
        'down to a whole number.',
    }),
    interval: t.field({
      type: ResetInterval,
      description:
        'The unit of time for which an amount is kept. If omitted, amounts are kept indefinitely.',
    }),
    intervalCount: t.int({
      defaultValue: ONE_UNIT,
      validate: rules.intervalCount,
      description:
        'How many units an amount is kept after the end of the period it is carried into.',
    }),
  }),
});

type InputFields = PothosSchemaTypes.InputFieldBuilder<
  typeof builder.$inferSchemaTypes,
  'InputObject'
>;

/** When the balance starts a new period, and what happens to the previous one. */
const resetFields = (t: InputFields) => ({
  resetInterval: t.field({
    type: ResetInterval,
    description: 'The unit of the reset period. The balance never resets if omitted.',
  }),
  resetIntervalCount: t.int({
    defaultValue: ONE_UNIT,
    validate: rules.intervalCount,
    description: 'The number of units in a reset period.',
  }),
  resetAnchor: t.field({
    type: 'DateTime',
    validate: rules.instant,
    description:
      'The instant that the boundaries of periods are counted from, such as ' +
      '`2026-01-31T00:00:00Z`. If omitted: `startsAt`, or else the time of creation.',
  }),
  resetTimeZone: t.string({
    validate: rules.timeZone,
    description:
      'The IANA time zone of the reset periods, such as `Europe/Berlin`. UTC if omitted. Days, ' +
      'weeks, months and years begin at the same time of day there, whatever daylight saving ' +
      'does: a time that is skipped becomes the next one that exists, and for a time that occurs ' +
      'twice, the first occurrence counts. Hours and minutes are elapsed time.',
  }),
  rollover: t.field({
    type: BalanceRolloverInput,
    description: 'How unused amounts are carried over at a reset. They are lost if omitted.',
  }),
  carryOverage: t.boolean({
    defaultValue: false,
    description:
      'Whether overage that remains at a reset is taken from the next period. If false, it is forgiven.',
  }),
});

const limitFields = (t: InputFields) => ({
  startsAt: t.field({
    type: 'DateTime',
    validate: rules.instant,
    description: 'When the balance can first be used. Immediately if omitted.',
  }),
  expiresAt: t.field({
    type: 'DateTime',
    validate: rules.instant,
    description: 'When the balance expires. It never does if omitted.',
  }),
  overageAllowed: t.boolean({
    description:
      'Whether more than the grant can be used. If omitted: true for CONTINUOUS features, ' +
      'false for all others.',
  }),
  overageLimit: t.float({
    validate: rules.quantityNotNegative,
    description: 'The most that can be used beyond the grant. No limit if omitted.',
  }),
});

const BalancesCreateInput = builder.inputType('BalancesCreateInput', {
  description:
    'A grant of one feature to a customer or to one of its entities, and what has been used ' +
    'of it.',
  validate: [
    needs('resetIntervalCount', 'resetInterval', ONE_UNIT),
    needs('resetAnchor', 'resetInterval'),
    needs('resetTimeZone', 'resetInterval'),
    needs('rollover', 'resetInterval'),
    needs('carryOverage', 'resetInterval'),
  ],
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'The customer that will own the balance.',
    }),
    balanceId: t.string({
      validate: rules.id,
      description:
        'An id of your own for the balance, unique within the customer and never used again, such as the id of the ' +
        'subscription that grants it. A second call with the same id and the same terms returns the balance.',
    }),
    featureId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id of the feature to grant.',
    }),
    entityId: t.string({
      validate: rules.id,
      description: 'The entity that will own the balance. The customer itself owns it if omitted.',
    }),
    granted: t.float({
      validate: rules.quantityNotNegative,
      description:
        'The amount granted, in each period if the balance resets. Give either `granted` or ' +
        '`unlimited: true`; a BOOLEAN feature needs neither.',
    }),
    unlimited: t.boolean({
      defaultValue: false,
      description: 'Whether there is no limit. Usage is still counted.',
    }),
    priority: t.int({
      defaultValue: 0,
      description: 'Balances with a lower priority are used first.',
    }),
    ...resetFields(t),
    ...limitFields(t),
    idempotencyKey: t.string({
      validate: rules.idempotencyKey,
      description:
        'A key of your own that makes the call safe to repeat: however often it is sent, one ' +
        'balance is created. 1 to 255 bytes, unique within the customer. If omitted, it comes from the ' +
        'header `Idempotency-Key`, if that is sent.',
    }),
  }),
});

const CreateBalancePayload = builder.objectRef<CreatedBalance>('CreateBalancePayload').implement({
  description: 'The balance was created, or existed with the given `balanceId` and the same terms.',
  fields: (t) => ({
    balance: t.field({
      type: BalanceRef,
      description: 'The balance, as it was created, or as it was when it was found.',
      resolve: ({ balance, scope, customerId }) => ({
        ...balance,
        owner: { ...scope, id: customerId },
      }),
    }),
    customer: t.field({
      type: CustomerRef,
      description: 'The customer.',
      resolve: ({ scope, customerId }) => ({ ...scope, id: customerId }),
    }),
    created: t.exposeBoolean('created', {
      description: 'False if the balance existed before, with the given `balanceId`.',
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether this is the answer to an earlier call with the same idempotency key.',
    }),
  }),
});

const CreateBalanceResult = resultUnion('CreateBalanceResult', {
  description: 'The result of `createBalance`.',
  payload: CreateBalancePayload,
  refusals: [
    'CUSTOMER_NOT_FOUND',
    'ENTITY_NOT_FOUND',
    'FEATURE_NOT_FOUND',
    'ALREADY_EXISTS',
    'IDEMPOTENCY_CONFLICT',
    'FEATURE_ARCHIVED',
  ],
});

builder.mutationField('createBalance', (t) =>
  t.field({
    type: CreateBalanceResult,
    scopes: ['balances:write'],
    description:
      'Grants a feature to a customer or to one of its entities. Give an `idempotencyKey` or a ' +
      '`balanceId` to make it safe to repeat. A `balanceId` that a balance with other terms has or had is refused with ' +
      'ALREADY_EXISTS.',
    args: {
      input: t.arg({
        type: BalancesCreateInput,
        required: true,
        description: 'The balance to create.',
      }),
    },
    resolve: async (_root, { input }, context, info) => {
      const call = keyed(input, context, info);
      return unionValue(call.note(await createBalance(context, toCreateBalanceInput(call.input))));
    },
  }),
);

type Input = typeof BalancesCreateInput.$inferInput;

function toCreateBalanceInput(input: Input): CreateBalanceInput {
  return {
    customerId: input.customerId,
    balanceId: input.balanceId ?? null,
    featureId: input.featureId,
    entityId: input.entityId ?? null,
    granted: toQuantity(input.granted),
    unlimited: input.unlimited ?? false,
    priority: input.priority ?? 0,
    reset: toReset(input),
    startsAt: toInstant(input.startsAt),
    expiresAt: toInstant(input.expiresAt),
    overageAllowed: input.overageAllowed ?? null,
    overageLimit: toQuantity(input.overageLimit),
    idempotencyKey: input.idempotencyKey ?? null,
  };
}

function toReset(input: Input): ResetRequest | null {
  if (!input.resetInterval) return null;
  return {
    interval: { unit: input.resetInterval, count: input.resetIntervalCount ?? ONE_UNIT },
    anchor: toInstant(input.resetAnchor),
    timeZone: toTimeZone(input.resetTimeZone),
    rollover: input.rollover ? toRolloverRule(input.rollover) : null,
    carryOverage: input.carryOverage ?? false,
  };
}

export function toRolloverRule(input: typeof BalanceRolloverInput.$inferInput): RolloverRule {
  const amount = toQuantity(input.max);
  const percent = toQuantity(input.maxPercent);
  const absolute = amount === null ? null : ({ kind: 'AMOUNT', amount } as const);
  const relative = percent === null ? null : ({ kind: 'PERCENT', percent } as const);
  return {
    max: absolute ?? relative,
    keep: input.interval ? { unit: input.interval, count: input.intervalCount ?? ONE_UNIT } : null,
  };
}
