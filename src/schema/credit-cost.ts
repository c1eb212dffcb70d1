import type { CreditCost as Cost } from '../domain/feature.js';
import { builder } from './builder.js';
import * as rules from './input/rules.js';
import { toQuantity } from './input/values.js';
import { FeatureRef } from './nouns.js';

export const CreditCost = builder.objectRef<Cost>('CreditCost').implement({
  description: 'What one unit of a feature costs in a credit system.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description: 'The feature that is paid for.',
      resolve: ({ featureId }) => ({ id: featureId }),
    }),
    cost: t.exposeFloat('cost', { description: 'How many credits one unit of it costs.' }),
  }),
});

export const CreditCostInput = builder.inputType('CreditCostInput', {
  description: 'What one unit of a feature costs in a credit system.',
  fields: (t) => ({
    featureId: t.string({
      required: true,
      validate: rules.id,
      description: 'The feature that is paid for, which must not be a credit system itself.',
    }),
    cost: t.float({
      required: true,
      validate: rules.creditCost,
      description: 'How many credits one unit of it costs.',
    }),
  }),
});

type CostInput = typeof CreditCostInput.$inferInput;

export function toCreditCosts(costs: readonly CostInput[]): Cost[] {
  return costs.map(({ featureId, cost }) => ({ featureId, cost: toQuantity(cost) }));
}
