import { BALANCES_PER_CUSTOMER_MAX } from '../domain/room.js';
import { type DeleteBalance, deleteBalance } from '../meter/delete-balance.js';
import { builder } from './builder.js';
import { Deduction } from './deduction.js';
import { resultUnion, unionValue } from './errors.js';
import {
  nameFields,
  noteFields,
  oneName,
  toNamedBalance,
  toNote,
} from './input/correction-input.js';
import { holds } from './list-size.js';
import { BalanceRef, CustomerRef } from './nouns.js';
import { keyed } from './request-key.js';

const BalancesDeleteInput = builder.inputType('BalancesDeleteInput', {
  description: 'The balance to end.',
  validate: [oneName],
  fields: (t) => ({
    ...nameFields(t),
    transferUsage: t.boolean({
      defaultValue: false,
      description:
        'Whether what is used of it in this period, overage included, is charged to other balances of the feature, those of its entity and of ' +
        'the customer, in drain order and whatever their limits. If false, it is gone.',
    }),
    ...noteFields(t),
  }),
});

const DeleteBalancePayload = builder.objectRef<DeleteBalance>('DeleteBalancePayload').implement({
  description: 'The balance has ended.',
  fields: (t) => ({
    balance: t.field({
      type: BalanceRef,
      description: 'The balance, as it was before.',
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
    transferred: t.field({
      type: [Deduction],
      extensions: holds(BALANCES_PER_CUSTOMER_MAX),
      description: 'What was charged to other balances.',
      resolve: ({ transferred, scope, customerId }) =>
        transferred.map((deduction) => ({
          ...deduction,
          owner: { ...scope, id: customerId },
          preloaded: NOTHING,
        })),
    }),
    notTransferred: t.exposeFloat('notTransferred', {
      description:
        'What was to be charged, and was not, because there is no other balance of the feature.',
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether this is the answer to an earlier call with the same idempotency key.',
    }),
  }),
});

const NOTHING = [] as const;

const DeleteBalanceResult = resultUnion('DeleteBalanceResult', {
  description: 'The result of `deleteBalance`.',
  payload: DeleteBalancePayload,
  refusals: ['CUSTOMER_NOT_FOUND', 'BALANCE_NOT_FOUND', 'IDEMPOTENCY_CONFLICT'],
});

builder.mutationField('deleteBalance', (t) =>
  t.field({
    type: DeleteBalanceResult,
    scopes: ['balances:write'],
    description:
      'Ends a balance now: what is left of it is withdrawn, with an `EXPIRE` entry. Its ledger stays. What is transferred to other ' +
      'balances leaves this one, with an `ADJUST` entry on each of them. A balance of which reservations hold something is refused.',
    args: {
      input: t.arg({
        type: BalancesDeleteInput,
        required: true,
        description: 'The balance.',
      }),
    },
    resolve: async (_root, { input }, context, info) => {
      const call = keyed(input, context, info);
      const { idempotencyKey = null, transferUsage, ...given } = call.input;
      const result = await deleteBalance(context, {
        balance: toNamedBalance(given, context),
        transferUsage: transferUsage ?? false,
        note: toNote(given),
        idempotencyKey,
      });
      return unionValue(call.note(result));
    },
  }),
);
