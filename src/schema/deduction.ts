import type { FeatureBalance } from '../domain/account.js';
import type { Shortfall, Deduction as Taken } from '../domain/deduction.js';
import { findBalance } from './balance.js';
import { builder } from './builder.js';
import { BalanceRef, type CustomerNode, FeatureRef } from './nouns.js';

export interface DeductionNode extends Taken {
  readonly owner: CustomerNode;
  /** Balances that are known without a look. */
  readonly preloaded: readonly FeatureBalance[];
}

export const Deduction = builder.objectRef<DeductionNode>('Deduction').implement({
  description: 'What an event really took from one balance.',
  fields: (t) => ({
    balance: t.field({
      type: BalanceRef,
      description: 'The balance it was taken from.',
      resolve: ({ owner, balanceId, preloaded }, _args, context) => {
        const balance = preloaded
          .flatMap(({ breakdown }) => breakdown)
          .find(({ id }) => id === balanceId);
        return balance ? { ...balance, owner } : findBalance(context, owner, balanceId);
      },
    }),
    feature: t.field({
      type: FeatureRef,
      description: 'The feature of that balance, in whose units the amount is.',
      resolve: ({ featureId }) => ({ id: featureId }),
    }),
    amount: t.exposeFloat('amount', {
      description: 'How much was taken, negative where it was given back.',
    }),
  }),
});

export const UnappliedAmount = builder.objectRef<Shortfall>('UnappliedAmount').implement({
  description: 'What a call asked for and did not get.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description:
        'The feature in whose units the amount is: the last one that could have paid, such as a ' +
        'credit system.',
      resolve: ({ featureId }) => ({ id: featureId }),
    }),
    chargedFeature: t.field({
      type: FeatureRef,
      description: 'The feature that was charged.',
      resolve: ({ chargedFeatureId }) => ({ id: chargedFeatureId }),
    }),
    amount: t.exposeFloat('amount', {
      description: 'How much is missing, negative where it could not be given back.',
    }),
  }),
});
