import type { BalanceChanges } from '../domain/correction.js';
import { type UpdatedBalance, updateBalance } from '../meter/update-balance.js';
import { BalanceRolloverInput, toRolloverRule } from './balance-mutations.js';
import { builder } from './builder.js';
import { resultUnion, unionValue } from './errors.js';
import { atMostOne } from './input/constraints.js';
import {
  nameFields,
  noteFields,
  oneName,
  toNamedBalance,
  toNote,
} from './input/correction-input.js';
import * as rules from './input/rules.js';
import { toInstant, toQuantity, toTimeZone } from './input/values.js';
import { ResetInterval } from './interval.js';
import { BalanceRef, CustomerRef } from './nouns.js';
import { keyed } from './request-key.js';

type InputFields = PothosSchemaTypes.InputFieldBuilder<
  typeof builder.$inferSchemaTypes,
  'InputObject'
>;

const figureFields = (t: InputFields) => ({
  granted: t.float({
    validate: rules.quantityNotNegative,
    description:
      'The amount granted, in this period and in every one from now on. Less than is used and reserved takes back neither: nothing is left then.',
  }),
  usage: t.float({
    validate: rules.quantityNotNegative,
    description:
      'What is used in this period, from amounts carried over too. More than is granted is overage, whatever its limit. What is reserved stays so.',
  }),
  remaining: t.float({
    validate: rules.quantityNotNegative,
    description:
      'What is left in this period: usage becomes what is granted and not reserved, less this, so that there is no overage. At most ' +
      'what is granted and not reserved, amounts carried over included.',
  }),
  priority: t.int({ description: 'Balances with a lower priority are used first.' }),
  expiresAt: t.field({
    type: 'DateTime',
    validate: rules.instant,
    description: 'When the balance expires, in the future. Null for never.',
  }),
  overageAllowed: t.boolean({
    description:
      'Whether more than the grant can be used. If false, there is no `overageLimit` any more.',
  }),
  overageLimit: t.float({
    validate: rules.quantityNotNegative,
    description: 'The most that can be used beyond the grant. Null for no limit.',
  }),
});

const periodFields = (t: InputFields) => ({
  resetInterval: t.field({
    type: ResetInterval,
    description:
      'The unit of the reset period. The current period ends at the first boundary of the new ones. Null for a balance that ' +
      'never resets; what was carried over stays.',
  }),
  resetIntervalCount: t.int({
    validate: rules.intervalCount,
    description:
      'The number of units in a reset period. 1 if omitted together with a `resetInterval`.',
  }),
  resetAnchor: t.field({
    type: 'DateTime',
    validate: rules.instant,
    description:
      'The instant that the boundaries of periods are counted from. For a balance that did not reset, by default its ' +
      '`startsAt`, or else the time of its creation.',
  }),
  resetTimeZone: t.string({
    validate: rules.timeZone,
    description: 'The IANA time zone of the reset periods, such as `Europe/Berlin`.',
  }),
  rollover: t.field({
    type: BalanceRolloverInput,
    description:
      'How unused amounts are carried over at the resets to come, as a whole. Null if they are lost. What has been carried over stays.',
  }),
  carryOverage: t.boolean({
    description:
      'Whether overage that remains at a reset is taken from the next period. If false, it is forgiven.',
  }),
});

const BalancesUpdateInput = builder.inputType('BalancesUpdateInput', {
  description:
    'A correction of one balance. What is omitted stays as it is; a null changes only `expiresAt`, `overageLimit`, ' +
    '`resetInterval` and `rollover`.',
  validate: [oneName, atMostOne('remaining', 'usage')],
  fields: (t) => ({
    ...nameFields(t),
    ...figureFields(t),
    ...periodFields(t),
    ...noteFields(t),
  }),
});

const UpdateBalancePayload = builder.objectRef<UpdatedBalance>('UpdateBalancePayload').implement({
  description: 'The balance is as the input says.',
  fields: (t) => ({
    balance: t.field({
      type: BalanceRef,
      description: 'The balance after the correction.',
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
    changed: t.exposeBoolean('changed', {
      description:
        'Whether anything was different before. If false, nothing was written to the balance or its ledger.',
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether this is the answer to an earlier call with the same idempotency key.',
    }),
  }),
});

const UpdateBalanceResult = resultUnion('UpdateBalanceResult', {
  description: 'The result of `updateBalance`.',
  payload: UpdateBalancePayload,
  refusals: ['CUSTOMER_NOT_FOUND', 'BALANCE_NOT_FOUND', 'IDEMPOTENCY_CONFLICT'],
});

builder.mutationField('updateBalance', (t) =>
  t.field({
    type: UpdateBalanceResult,
    scopes: ['balances:write'],
    description:
      'Corrects a balance: what is granted or used of it, or its terms. The ledger gets one `ADJUST` entry with the reason and ' +
      'the actor, or none if nothing changes.',
    args: {
      input: t.arg({
        type: BalancesUpdateInput,
        required: true,
        description: 'The balance and its changes.',
      }),
    },
    resolve: async (_root, { input }, context, info) => {
      const call = keyed(input, context, info);
      const { idempotencyKey = null, ...given } = call.input;
      const result = await updateBalance(context, {
        balance: toNamedBalance(given, context),
        changes: toChanges(given),
        note: toNote(given),
        idempotencyKey,
      });
      return unionValue(call.note(result));
    },
  }),
);

function toChanges(input: typeof BalancesUpdateInput.$inferInput): BalanceChanges {
  return {
    granted: toQuantity(input.granted) ?? undefined,
    usage: toQuantity(input.usage) ?? undefined,
    remaining: toQuantity(input.remaining) ?? undefined,
    priority: input.priority ?? undefined,
    expiresAt: input.expiresAt === undefined ? undefined : toInstant(input.expiresAt),
    overageAllowed: input.overageAllowed ?? undefined,
    overageLimit: input.overageLimit === undefined ? undefined : toQuantity(input.overageLimit),
    resetInterval: input.resetInterval,
    resetIntervalCount: input.resetIntervalCount ?? undefined,
    resetAnchor: toInstant(input.resetAnchor) ?? undefined,
    resetTimeZone:
      (input.resetTimeZone ?? null) === null ? undefined : toTimeZone(input.resetTimeZone),
    rollover: input.rollover ? toRolloverRule(input.rollover) : input.rollover,
    carryOverage: input.carryOverage ?? undefined,
  };
}
