import { costToNumber } from '../domain/cost.js';
import type { CreditCost as Cost } from '../domain/feature.js';
import { builder } from './builder.js';
import { AT_HAND, costs } from './cost.js';
import * as costRules from './input/credit-cost-rules.js';
import * as rules from './input/rules.js';
import { toCost, toWhere } from './input/values.js';
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
    cost: t.float({
      description: 'The number of credits that one unit of the feature costs. 0 makes it free.',
      resolve: ({ cost }) => costToNumber(cost),
    }),
    where: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The properties that usage must have for this cost to apply, as a JSON object. Null if it applies to all other usage.',
      resolve: ({ where }) => where,
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
      validate: costRules.creditCost,
      description:
        'The number of credits that one unit of the feature costs, with up to 18 decimals, at most 10^9. 0 makes it free.',
    }),
    where: t.field({
      type: 'JSON',
      validate: costRules.where,
      description:
        'The properties that usage must have for this cost to apply, such as `{"model": "gpt-4o"}`: a JSON object of 1 to 4 ' +
        'strings, numbers or booleans, in at most 256 bytes. Of several costs of one feature, the first that fits applies; one without ' +
        '`where` is the last. Usage that none fits is not paid for by the credit system.',
    }),
  }),
});

type CostInput = typeof CreditCostInput.$inferInput;

export function toCreditCosts(costs: readonly CostInput[]): Cost[] {
  return costs.map(({ featureId, cost, where }) => ({
    featureId,
    cost: toCost(cost),
    where: toWhere(where),
  }));
}
