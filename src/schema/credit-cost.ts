import type { CreditCost as Cost } from '../domain/feature.js';
import { builder } from './builder.js';
import { AT_HAND, costs } from './cost.js';
import * as rules from './input/rules.js';
import { toQuantity } from './input/values.js';
import { FeatureRef } from './nouns.js';

export const CreditCost = builder.objectRef<Cost>('CreditCost').implement({
  extensions: costs(AT_HAND),
  description: 'What one unit of a feature costs in a credit system.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description: 'The feature that the credit system pays for.',
      resolve: ({ featureId }) => ({ id: featureId }),
    }),
    cost: t.exposeFloat('cost', {
      description: 'The number of credits that one unit of the feature costs. 0 makes it free.',
    }),
  }),
});

export const CreditCostInput = builder.inputType('CreditCostInput', {
  description: 'What one unit of a feature costs in a credit system.',
  fields: (t) => ({
    featureId: t.string({
      required: true,
      validate: rules.id,
      description:
        'The id of the feature that the credit system pays for. It cannot be a credit system or ' +
        'a BOOLEAN feature.',
    }),
    cost: t.float({
      required: true,
      validate: rules.creditCost,
      description:
        'The number of credits that one unit of the feature costs, at most 10^9. 0 makes it free.',
    }),
  }),
});

type CostInput = typeof CreditCostInput.$inferInput;

export function toCreditCosts(costs: readonly CostInput[]): Cost[] {
  return costs.map(({ featureId, cost }) => ({ featureId, cost: toQuantity(cost) }));
}
