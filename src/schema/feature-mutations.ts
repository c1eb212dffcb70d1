import { createFeature, updateFeature } from '../meter/feature.js';
import type { FeatureChanges, FeatureDraft } from '../meter/store.js';
import { builder } from './builder.js';
import { CreditCostInput, toCreditCosts } from './credit-cost.js';
import { resultUnion, unionValue } from './errors.js';
import { FeatureType } from './feature.js';
import * as rules from './input/rules.js';
import { type FeatureNode, FeatureRef } from './nouns.js';

const FeaturesCreateInput = builder.inputType('FeaturesCreateInput', {
  description: 'A feature to create.',
  fields: (t) => ({
    featureId: t.string({
      required: true,
      validate: rules.id,
      description:
        'The id to give it, unique within the project: 1 to 255 printable ASCII characters ' +
        'without spaces.',
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

interface Created {
  readonly feature: FeatureNode;
  readonly created: boolean;
}

const CreateFeaturePayload = builder.objectRef<Created>('CreateFeaturePayload').implement({
  description: 'Answers a feature that exists now.',
  fields: (t) => ({
    feature: t.expose('feature', { type: FeatureRef, description: 'The feature.' }),
    created: t.exposeBoolean('created', {
      description: 'Whether this call created it; otherwise the same definition existed before.',
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
    description:
      'Creates a feature. It is safe to send again: the same definition is answered with the ' +
      'feature, another one under the same id is refused with ALREADY_EXISTS.',
    args: {
      input: t.arg({ type: FeaturesCreateInput, required: true, description: 'The feature.' }),
    },
    resolve: async (_root, { input }, context) =>
      unionValue(await createFeature(context, toDraft(input))),
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
      unionValue(
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
