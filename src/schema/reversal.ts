/** What undoing a usage event gave back, and what it did not. */
import type { Deduction } from '../domain/deduction.js';
import type { NotReversed, NotReversedReason } from '../domain/void.js';
import { findBalance } from './balance.js';
import { builder } from './builder.js';
import { AT_HAND, costs } from './cost.js';
import { BalanceRef, type CustomerNode, FeatureRef } from './nouns.js';

interface Owned {
  readonly owner: CustomerNode;
}

export const ReversedAmount = builder.objectRef<Deduction & Owned>('ReversedAmount').implement({
  extensions: costs(AT_HAND),
  description: 'What was given back to one balance because a usage event was undone.',
  fields: (t) => ({
    balance: t.field({
      type: BalanceRef,
      scopes: ['balances:read'],
      description: 'The balance that it was given back to.',
      resolve: ({ owner, balanceId }, _args, context) => findBalance(context, owner, balanceId),
    }),
    feature: t.field({
      type: FeatureRef,
      description: 'The feature of that balance. The amount is in its units.',
      resolve: ({ featureId }) => ({ id: featureId }),
    }),
    amount: t.exposeFloat('amount', {
      description: 'The amount. Negative if the event had given it back, and it was taken again.',
    }),
  }),
});

export const NotReversedReasonEnum = builder.enumType('NotReversedReason', {
  description: 'Why an amount that a usage event took stays taken.',
  values: {
    PERIOD_OVER: {
      description:
        'The period is over that it was taken in, or the amount rolled over has expired.',
    },
    BALANCE_ENDED: { description: 'The balance has expired, or has been ended.' },
    ALREADY_GIVEN_BACK: {
      description:
        'Less than that is used of the balance by now: it has been given back already. A balance is never ' +
        'lifted above its grant.',
    },
  } satisfies Record<NotReversedReason, { description: string }>,
});

export const NotReversedAmount = builder
  .objectRef<NotReversed & Owned>('NotReversedAmount')
  .implement({
    extensions: costs(AT_HAND),
    description: 'What stays taken from one balance although a usage event was undone.',
    fields: (t) => ({
      balance: t.field({
        type: BalanceRef,
        scopes: ['balances:read'],
        description: 'The balance that it was taken from.',
        resolve: ({ owner, balanceId }, _args, context) => findBalance(context, owner, balanceId),
      }),
      feature: t.field({
        type: FeatureRef,
        description: 'The feature of that balance. The amount is in its units.',
        resolve: ({ featureId }) => ({ id: featureId }),
      }),
      amount: t.exposeFloat('amount', {
        description: 'The amount. Negative if the event had given it back.',
      }),
      reason: t.expose('reason', {
        type: NotReversedReasonEnum,
        description: 'Why it stays taken.',
      }),
    }),
  });

/** With the customer, of which more may be read. */
export function reversedParts<Part extends Deduction>(
  parts: readonly Part[],
  owner: CustomerNode,
): (Part & Owned)[] {
  return parts.map((part) => ({ ...part, owner }));
}
