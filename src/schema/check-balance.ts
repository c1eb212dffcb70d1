import { type CheckBalance, checkBalance, checkCustomer } from '../meter/check-balance.js';
import { checkBalances } from '../meter/check-balances.js';
import type { CustomerScope } from '../meter/store.js';
import { builder } from './builder.js';
import { BATCH, BATCH_INPUTS, itemValue } from './call.js';
import type { Context } from './context.js';
import { costs } from './cost.js';
import { UnappliedAmount } from './deduction.js';
import {
  DenialReason,
  LARGEST_ALLOWED,
  largestShown,
  MISSING_ROUNDED,
  missingShown,
  NEXT_CHANGE_AT,
} from './denial-reason.js';
import { returnedUnion, returnedUnionValue } from './errors.js';
import { argumentRules } from './input/argument-rules.js';
import {
  BalancesCheckInput,
  checkArguments,
  readCheckArguments,
  readCheckInput,
} from './input/check-input.js';
import { BATCH_INPUTS_MAX } from './input/limits.js';
import { CHECK, holds, ONE_AT_HAND, UNAPPLIED_MAX } from './list-size.js';
import { CustomerRef, EntityRef, FeatureBalanceRef, featureBalanceNode } from './nouns.js';

const CheckBalancePayload = builder.objectRef<CheckBalance>('CheckBalancePayload').implement({
  extensions: costs(CHECK),
  description:
    'Whether usage would be accepted. It is the answer for one instant, and reserves nothing.',
  fields: (t) => ({
    allowed: t.exposeBoolean('allowed', {
      description:
        'Whether `trackBalance` with this usage and REJECT would be accepted now, and each BOOLEAN feature is held.',
    }),
    requiredBalance: t.exposeFloat('requiredBalance', {
      description:
        'What was checked, in units of `balance`: converted at the credit cost if a credit system answers.',
    }),
    balance: t.field({
      type: FeatureBalanceRef,
      extensions: ONE_AT_HAND,
      nullable: true,
      description:
        "The balance that it was judged on: the feature's own if it pays for all of it, or else that of the last " +
        'feature, in the order in which balances are used, that would have to pay. Null if nothing is held, or if an ' +
        'event name charges several features and all of them allow it.',
      resolve: ({ balance, owner }) => balance && featureBalanceNode(balance, owner),
    }),
    reason: t.expose('reason', {
      type: DenialReason,
      nullable: true,
      description: 'Why it is not allowed. Null if it is.',
    }),
    missing: t.field({
      type: [UnappliedAmount],
      extensions: holds(UNAPPLIED_MAX),
      description:
        'What is missing, for each charged feature, with the amount 0 for one that need only be held. Empty if it is allowed. ' +
        MISSING_ROUNDED,
      resolve: ({ missing }) => missingShown(missing),
    }),
    largestAllowed: t.float({
      nullable: true,
      description: `${LARGEST_ALLOWED} Null, too, if it is allowed.`,
      resolve: ({ largestAllowed }) => largestShown(largestAllowed),
    }),
    nextChangeAt: t.expose('nextChangeAt', {
      type: 'DateTime',
      nullable: true,
      description: NEXT_CHANGE_AT,
    }),
  }),
});

const CheckBalanceResult = returnedUnion('CheckBalanceResult', {
  description: 'The result of a check.',
  payload: CheckBalancePayload,
  refusals: ['CUSTOMER_NOT_FOUND', 'ENTITY_NOT_FOUND', 'FEATURE_NOT_FOUND', 'EVENT_NAME_NOT_FOUND'],
});

builder.queryField('checkBalance', (t) =>
  t.field({
    type: CheckBalanceResult,
    scopes: ['check:read'],
    description:
      'Whether usage would be accepted now. It takes nothing; to be sure of it later, track with REJECT.',
    args: {
      input: t.arg({
        type: BalancesCheckInput,
        required: true,
        extensions: argumentRules(null),
        description: 'The usage to check.',
      }),
    },
    resolve: (_root, { input }, context) => {
      const read = readCheckInput(input);
      return read.ok
        ? checkBalance(context, read.value).then(returnedUnionValue)
        : returnedUnionValue<CheckBalance>(read);
    },
  }),
);

builder.queryField('checkBalances', (t) =>
  t.field({
    type: [CheckBalanceResult],
    ...BATCH,
    scopes: ['check:read'],
    description:
      'Checks up to 1,000 usages of any customers, each as `checkBalance` would by itself, and answers them in order. ' +
      'They are read together. An item that could not be read is null, with an error whose path names it.',
    args: {
      inputs: t.arg({
        type: [BalancesCheckInput],
        required: true,
        extensions: BATCH_INPUTS,
        description: `The usage to check, 1 to ${BATCH_INPUTS_MAX} items.`,
      }),
    },
    resolve: async (_root, { inputs }, context) => {
      const results = await checkBalances(context, inputs.map(readCheckInput));
      return results.map(itemValue);
    },
  }),
);

type Arguments = Parameters<typeof readCheckArguments>[0];

function checkOf(
  context: Context,
  owner: CustomerScope & { readonly id: string | null },
  entityId: string | null,
  args: Arguments,
) {
  const read = readCheckArguments(args);
  if (!read.ok) return returnedUnionValue<CheckBalance>(read);
  const { projectId, customerKey, id: customerId } = owner;
  const request = { ...read.value, customerId, entityId };
  return checkCustomer(context, { projectId, customerKey }, request).then(returnedUnionValue);
}

builder.objectField(CustomerRef, 'check', (t) =>
  t.field({
    type: CheckBalanceResult,
    scopes: ['check:read'],
    description:
      'Whether usage of the customer itself would be accepted now, as `checkBalance` answers it.',
    args: checkArguments,
    resolve: (customer, args, context) => checkOf(context, customer, null, args),
  }),
);

builder.objectField(EntityRef, 'check', (t) =>
  t.field({
    type: CheckBalanceResult,
    scopes: ['check:read'],
    description: 'Whether usage of the entity would be accepted now, as `checkBalance` answers it.',
    args: checkArguments,
    resolve: ({ id, ...scope }, args, context) =>
      checkOf(context, { ...scope, id: null }, id, args),
  }),
);
