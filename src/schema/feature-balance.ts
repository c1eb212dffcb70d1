import { readFeatureBalance, readFeatureBalances } from '../meter/read/balance.js';
import type { Context } from './context.js';
import { BREAKDOWN } from './list-size.js';
import {
  BalanceRef,
  type CustomerNode,
  type FeatureBalanceNode,
  FeatureBalanceRef,
  FeatureRef,
  featureBalanceNode,
} from './nouns.js';

FeatureBalanceRef.implement({
  description: 'What a customer or an entity has of one feature: the sum of its balances.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description: 'The feature.',
      resolve: ({ sums }) => ({ id: sums.featureId }),
    }),
    granted: t.float({
      resolve: ({ sums }) => sums.granted,
      description:
        'The amount granted for the current period, including amounts rolled over. 0 if ' +
        'unlimited.',
    }),
    remaining: t.float({
      resolve: ({ sums }) => sums.remaining,
      description:
        'What is left, including amounts rolled over, and never less than 0. 0 if unlimited.',
    }),
    usage: t.float({
      resolve: ({ sums }) => sums.usage,
      description: 'The amount used in the current period.',
    }),
    reserved: t.float({
      resolve: ({ sums }) => sums.reserved,
      description: 'The amount that reservations hold.',
    }),
    overage: t.float({
      resolve: ({ sums }) => sums.overage,
      description: 'The amount used beyond the grants.',
    }),
    unlimited: t.boolean({
      resolve: ({ sums }) => sums.unlimited,
      description: 'Whether one of the balances is unlimited.',
    }),
    overageAllowed: t.boolean({
      resolve: ({ sums }) => sums.overageAllowed,
      description: 'Whether more than the grants can be used.',
    }),
    nextResetAt: t.field({
      resolve: ({ sums }) => sums.nextResetAt,
      type: 'DateTime',
      nullable: true,
      description: 'When the next of the balances resets, or null if none does.',
    }),
    breakdown: t.field({
      type: [BalanceRef],
      extensions: BREAKDOWN,
      scopes: ['balances:read'],
      description: 'The balances behind the sums, in the order in which they are used.',
      resolve: ({ sums, owner }) => sums.breakdown.map((balance) => ({ ...balance, owner })),
    }),
  }),
});

/** What the customer, or one of its entities, has of every feature it holds, by feature id. */
export async function allFeatureBalances(
  context: Context,
  owner: CustomerNode,
  entityId: string | null,
): Promise<readonly FeatureBalanceNode[]> {
  const found = await readFeatureBalances(context, owner.customerKey, entityId);
  return found.map((balance) => featureBalanceNode(balance, owner));
}

/** What the customer, or one of its entities, has of one feature; null if it holds none. */
export async function oneFeatureBalance(
  context: Context,
  owner: CustomerNode,
  entityId: string | null,
  featureId: string,
): Promise<FeatureBalanceNode | null> {
  const found = await readFeatureBalance(context, owner.customerKey, entityId, featureId);
  return found && featureBalanceNode(found, owner);
}
