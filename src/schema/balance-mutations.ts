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

const BalanceRolloverInput = builder.inputType('BalanceRolloverInput', {
  description: 'The rule by which what is unused at a reset is carried over.',
  validate: [atMostOne('maxPercent', 'max')],
  fields: (t) => ({
    max: t.float({
      validate: rules.quantityNotNegative,
      description: 'The most that may stand carried over at once, any amount if left out.',
    }),
    maxPercent: t.float({
      validate: rules.rolloverPercent,
      description: 'The same bound in percent of the grant, rounded down to whole units.',
    }),
    interval: t.field({
      type: ResetInterval,
      description: 'The unit of how long an amount is kept, for ever if left out.',
    }),
    intervalCount: t.int({
      defaultValue: 1,
      validate: rules.intervalCount,
      description: 'For how many of the units an amount outlives the period it is carried into.',
    }),
  }),
});

type InputFields = PothosSchemaTypes.InputFieldBuilder<
  typeof builder.$inferSchemaTypes,
  'InputObject'
>;

/** When the balance starts anew, and what becomes of the past period. */
const resetFields = (t: InputFields) => ({
  resetInterval: t.field({
    type: ResetInterval,
    description: 'The unit of its period; it never resets if left out.',
  }),
  resetIntervalCount: t.int({
    defaultValue: 1,
    validate: rules.intervalCount,
    description: 'How many units its period has.',
  }),
  resetAnchor: t.field({
    type: 'DateTime',
    validate: rules.instant,
    description:
      'What the boundaries of its periods are counted from. If left out, its start: startsAt, also ' +
      'where that is past, or else its creation.',
  }),
  resetTimeZone: t.string({
    validate: rules.timeZone,
    description:
      'The IANA time zone by whose clocks its periods are counted, such as Europe/Berlin; UTC if ' +
      'left out. Days, weeks, months and years then begin at the same time of day there, whatever ' +
      'daylight saving does: a time that it skips is the next one that exists, a time that comes ' +
      'twice is its first. Hours and minutes are counted as elapsed time.',
  }),
  rollover: t.field({
    type: BalanceRolloverInput,
    description: 'How what is unused at a reset is carried over; it is lost if left out.',
  }),
  carryOverage: t.boolean({
    defaultValue: false,
    description: 'Whether overage is taken from the next period instead of being forgiven.',
  }),
});

const limitFields = (t: InputFields) => ({
  startsAt: t.field({
    type: 'DateTime',
    validate: rules.instant,
    description: 'When it begins to take part, at once if left out.',
  }),
  expiresAt: t.field({
    type: 'DateTime',
    validate: rules.instant,
    description: 'When it ceases to take part, never if left out.',
  }),
  overageAllowed: t.boolean({
    description:
      'Whether more than the grant may be used; if left out, it may of CONTINUOUS features.',
  }),
  overageLimit: t.float({
    validate: rules.quantityNotNegative,
    description: 'The most that may be used beyond the grant, any amount if left out.',
  }),
});

const BalancesCreateInput = builder.inputType('BalancesCreateInput', {
  description: 'A grant of one feature to a customer or to one of its entities.',
  validate: [
    needs('resetAnchor', 'resetInterval'),
    needs('resetTimeZone', 'resetInterval'),
    needs('rollover', 'resetInterval'),
    needs('carryOverage', 'resetInterval'),
  ],
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'Whose the balance will be.',
    }),
    featureId: t.string({
      required: true,
      validate: rules.id,
      description: 'What is granted.',
    }),
    entityId: t.string({
      validate: rules.id,
      description: 'The entity of the customer that will own it, the customer if left out.',
    }),
    granted: t.float({
      validate: rules.quantityNotNegative,
      description: 'How much is granted in each period; either it or unlimited must be given.',
    }),
    unlimited: t.boolean({
      defaultValue: false,
      description: 'Whether any use fits.',
    }),
    priority: t.int({
      defaultValue: 0,
      description: 'Its place among the balances of its owner: lower ones are drained first.',
    }),
    ...resetFields(t),
    ...limitFields(t),
    idempotencyKey: t.string({
      validate: rules.idempotencyKey,
      description:
        "A key that is the caller's own for this grant: however often it is sent, one balance " +
        'is created.',
    }),
  }),
});

const CreateBalancePayload = builder.objectRef<CreatedBalance>('CreateBalancePayload').implement({
  description: 'Answers a balance that was created.',
  fields: (t) => ({
    balance: t.field({
      type: BalanceRef,
      description: 'The balance as it was created.',
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
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether this is the answer to an earlier call with the same key.',
    }),
  }),
});

const CreateBalanceResult = resultUnion('CreateBalanceResult', {
  description: 'What createBalance answers.',
  payload: CreateBalancePayload,
  refusals: ['CUSTOMER_NOT_FOUND', 'ENTITY_NOT_FOUND', 'FEATURE_NOT_FOUND', 'IDEMPOTENCY_CONFLICT'],
});

builder.mutationField('createBalance', (t) =>
  t.field({
    type: CreateBalanceResult,
    description: 'Grants a feature to a customer or to one of its entities.',
    args: {
      input: t.arg({ type: BalancesCreateInput, required: true, description: 'The grant.' }),
    },
    resolve: async (_root, { input }, context) =>
      unionValue(await createBalance(context, toCreateBalanceInput(input))),
  }),
);

type Input = typeof BalancesCreateInput.$inferInput;

function toCreateBalanceInput(input: Input): CreateBalanceInput {
  return {
    customerId: input.customerId,
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
    interval: { unit: input.resetInterval, count: input.resetIntervalCount ?? 1 },
    anchor: toInstant(input.resetAnchor),
    timeZone: toTimeZone(input.resetTimeZone),
    rollover: input.rollover ? toRolloverRule(input.rollover) : null,
    carryOverage: input.carryOverage ?? false,
  };
}

function toRolloverRule(input: typeof BalanceRolloverInput.$inferInput): RolloverRule {
  const amount = toQuantity(input.max);
  const percent = toQuantity(input.maxPercent);
  const absolute = amount === null ? null : ({ kind: 'AMOUNT', amount } as const);
  const relative = percent === null ? null : ({ kind: 'PERCENT', percent } as const);
  return {
    max: absolute ?? relative,
    keep: input.interval ? { unit: input.interval, count: input.intervalCount ?? 1 } : null,
  };
}
