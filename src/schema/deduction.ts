import type { FeatureBalance } from '../domain/account.js';
import type { Balance } from '../domain/balance.js';
import type { Shortfall, Deduction as Taken } from '../domain/deduction.js';
import { findBalance } from './balance.js';
import { builder } from './builder.js';
import { AT_HAND, costs } from './cost.js';
import { BalanceRef, type CustomerNode, FeatureRef } from './nouns.js';

export interface DeductionNode extends Taken {
  readonly owner: CustomerNode;
  /** Balances that are known without a lookup. */
  readonly preloaded: readonly FeatureBalance[];
}

export const Deduction = builder.objectRef<DeductionNode>('Deduction').implement({
  extensions: costs(AT_HAND),
  description: 'What a usage event took from one balance.',
  fields: (t) => ({
    balance: t.field({
      type: BalanceRef,
      scopes: ['balances:read'],
      description: 'The balance that it was taken from.',
      resolve: ({ owner, balanceId, preloaded }, _args, context) => {
        const balance = indexOf(preloaded).get(balanceId);
        return balance ? { ...balance, owner } : findBalance(context, owner, balanceId);
      },
    }),
    feature: t.field({
      type: FeatureRef,
      description: 'The feature of that balance. The amount is in its units.',
      resolve: ({ featureId }) => ({ id: featureId }),
    }),
    amount: t.exposeFloat('amount', {
      description: 'The amount taken. Negative if it was given back.',
    }),
  }),
});

type Preloaded = DeductionNode['preloaded'];

/** A usage event may take from a thousand balances, and a query may ask for each of them many times. */
const indexes = new WeakMap<Preloaded, ReadonlyMap<string, Balance>>();

function indexOf(preloaded: Preloaded): ReadonlyMap<string, Balance> {
  const known = indexes.get(preloaded);
  if (known !== undefined) return known;
  const balances = preloaded.flatMap(({ breakdown }) => breakdown);
  const index = new Map(balances.map((balance) => [balance.id, balance]));
  indexes.set(preloaded, index);
  return index;
}

export const UnappliedAmount = builder.objectRef<Shortfall>('UnappliedAmount').implement({
  extensions: costs(AT_HAND),
  description: 'An amount that was requested and could not be taken.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description:
        'The feature that the amount is counted in: the last one that could have paid, such as ' +
        'a credit system.',
      resolve: ({ featureId }) => ({ id: featureId }),
    }),
    chargedFeature: t.field({
      type: FeatureRef,
      description: 'The feature that was charged.',
      resolve: ({ chargedFeatureId }) => ({ id: chargedFeatureId }),
    }),
    amount: t.exposeFloat('amount', {
      description: 'The missing amount. Negative if it could not be given back.',
    }),
  }),
});
