import { createFeature } from '../meter/create-feature.js';
import type { FeatureDraft } from '../meter/store.js';
import { builder } from './builder.js';
import { CreditCostInput, toCreditCosts } from './credit-cost.js';
import { resultUnion, settle } from './errors.js';
import { FeatureType } from './feature.js';
import { type FeatureNode, FeatureRef } from './nouns.js';
import * as rules from './rules.js';

const FeaturesCreateInput = builder.inputType('FeaturesCreateInput', {
  description: 'A feature to create.',
  fields: (t) => ({
    featureId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id to give it, which must not be taken.',
    }),
    name: t.string({
      required: true,
      validate: rules.name,
      description: 'Its name, for people.',
    }),
    type: t.field({ type: FeatureType, required: true, description: 'How it is used.' }),
    eventNames: t.stringList({
      defaultValue: [],
      validate: rules.eventNames,
      description: 'The event names that charge it, which other features may list too.',
    }),
    creditCosts: t.field({
      type: [CreditCostInput],
      defaultValue: [],
      validate: rules.creditCosts,
      description: 'The features it pays for, if it is a credit system.',
    }),
  }),
});

const CreateFeaturePayload = builder.objectRef<FeatureNode>('CreateFeaturePayload').implement({
  description: 'Answers a feature that was created.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description: 'The feature.',
      resolve: (feature) => feature,
    }),
  }),
});

const CreateFeatureResult = resultUnion('CreateFeatureResult', {
  description: 'What createFeature answers.',
  payload: CreateFeaturePayload,
  refusals: ['FEATURE_NOT_FOUND', 'ALREADY_EXISTS'],
});

builder.mutationField('createFeature', (t) =>
  t.field({
    type: CreateFeatureResult,
    description: 'Creates a feature.',
    args: {
      input: t.arg({ type: FeaturesCreateInput, required: true, description: 'The feature.' }),
    },
    resolve: async (_root, { input }, context) =>
      settle(await createFeature(context, toDraft(input))),
  }),
);

function toDraft(input: typeof FeaturesCreateInput.$inferInput): FeatureDraft {
  return {
    id: input.featureId,
    name: input.name,
    type: input.type,
    eventNames: input.eventNames ?? [],
    creditCosts: toCreditCosts(input.creditCosts ?? []),
  };
}
