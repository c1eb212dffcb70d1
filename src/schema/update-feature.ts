import type { FeatureChanges } from '../meter/store.js';
import { updateFeature } from '../meter/update-feature.js';
import { builder } from './builder.js';
import { CreditCostInput, toCreditCosts } from './credit-cost.js';
import { resultUnion, settle } from './errors.js';
import { type FeatureNode, FeatureRef } from './nouns.js';
import * as rules from './rules.js';

const FeaturesUpdateInput = builder.inputType('FeaturesUpdateInput', {
  description: 'Changes to a feature; a field that is left out or null stays as it is.',
  fields: (t) => ({
    featureId: t.string({
      required: true,
      validate: rules.id,
      description: 'The feature to change.',
    }),
    name: t.string({ validate: rules.name, description: 'Its new name.' }),
    eventNames: t.stringList({
      validate: rules.eventNames,
      description: 'The event names that charge it from now on.',
    }),
    creditCosts: t.field({
      type: [CreditCostInput],
      validate: rules.creditCosts,
      description: 'The features it pays for from now on.',
    }),
  }),
});

const UpdateFeaturePayload = builder.objectRef<FeatureNode>('UpdateFeaturePayload').implement({
  description: 'Answers a feature that was changed.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description: 'The feature as it is now.',
      resolve: (feature) => feature,
    }),
  }),
});

const UpdateFeatureResult = resultUnion('UpdateFeatureResult', {
  description: 'What updateFeature answers.',
  payload: UpdateFeaturePayload,
  refusals: ['FEATURE_NOT_FOUND'],
});

builder.mutationField('updateFeature', (t) =>
  t.field({
    type: UpdateFeatureResult,
    description: 'Changes a feature; its type and its id stay for ever.',
    args: {
      input: t.arg({ type: FeaturesUpdateInput, required: true, description: 'The changes.' }),
    },
    resolve: async (_root, { input }, context) =>
      settle(
        await updateFeature(context, { featureId: input.featureId, changes: toChanges(input) }),
      ),
  }),
);

function toChanges(input: typeof FeaturesUpdateInput.$inferInput): FeatureChanges {
  const { name, eventNames, creditCosts } = input;
  return {
    ...(name && { name }),
    ...(eventNames && { eventNames }),
    ...(creditCosts && { creditCosts: toCreditCosts(creditCosts) }),
  };
}
