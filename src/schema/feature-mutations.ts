import { createFeature, updateFeature } from '../meter/feature.js';
import type { FeatureChanges, FeatureDraft } from '../meter/store.js';
import { builder } from './builder.js';
import { CreditCostInput, toCreditCosts } from './credit-cost.js';
import { resultUnion, unionValue } from './errors.js';
import { FeatureType } from './feature.js';
import * as costRules from './input/credit-cost-rules.js';
import * as rules from './input/rules.js';
import { type FeatureNode, FeatureRef } from './nouns.js';

const FeaturesCreateInput = builder.inputType('FeaturesCreateInput', {
  description: 'The feature to create.',
  fields: (t) => ({
    featureId: t.string({
      required: true,
      validate: rules.id,
      description:
        'An id of your own, such as `api_calls`: 1 to 255 printable ASCII characters without ' +
        'spaces, unique within the project.',
    }),
    name: t.string({
      required: true,
      validate: rules.name,
      description: 'Display name, of at most 256 characters.',
    }),
    type: t.field({ type: FeatureType, required: true, description: 'How the feature is used.' }),
    eventNames: t.stringList({
      defaultValue: [],
      validate: rules.eventNames,
      description:
        'The event names that charge this feature: at most 100, each of at most 128 characters. Several ' +
        'features can list the same name.',
    }),
    creditCosts: t.field({
      type: [CreditCostInput],
      defaultValue: [],
      validate: costRules.creditCosts,
      description:
        'The features that it pays for, and at what cost: 1 to 100 for a CREDIT_SYSTEM, none for any other type. A feature ' +
        'can be listed several times, at different costs for different properties.',
    }),
  }),
});

interface Created {
  readonly feature: FeatureNode;
  readonly created: boolean;
}

const CreateFeaturePayload = builder.objectRef<Created>('CreateFeaturePayload').implement({
  description: 'The feature exists now.',
  fields: (t) => ({
    feature: t.expose('feature', { type: FeatureRef, description: 'The feature.' }),
    created: t.exposeBoolean('created', {
      description:
        'Whether this call created the feature. If false, it existed before with the same ' +
        'definition.',
    }),
  }),
});

const CreateFeatureResult = resultUnion('CreateFeatureResult', {
  description: 'The result of `createFeature`.',
  payload: CreateFeaturePayload,
  refusals: ['FEATURE_NOT_FOUND', 'ALREADY_EXISTS', 'FEATURE_ARCHIVED'],
});

builder.mutationField('createFeature', (t) =>
  t.field({
    type: CreateFeatureResult,
    scopes: ['catalog:write'],
    description:
      'Creates a feature, or returns the one that has the id and the same definition. It is ' +
      'safe to repeat. A different definition under the same id is refused with ' +
      'ALREADY_EXISTS. A project can have 1,000 features.',
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
  description: 'What to change about a feature. Fields that are omitted or null stay as they are.',
  fields: (t) => ({
    featureId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id of the feature to change.',
    }),
    name: t.string({ validate: rules.name, description: 'New display name.' }),
    eventNames: t.stringList({
      validate: rules.eventNames,
      description:
        'The event names that charge this feature from now on, at most 100. Replaces the present list.',
    }),
    creditCosts: t.field({
      type: [CreditCostInput],
      validate: costRules.creditCosts,
      description:
        'The features that it pays for from now on, and at what cost, at most 100. Replaces the present list.',
    }),
  }),
});

const UpdateFeaturePayload = builder.objectRef<FeatureNode>('UpdateFeaturePayload').implement({
  description: 'The feature was changed.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description: 'The feature, as it is now.',
      resolve: (feature) => feature,
    }),
  }),
});

const UpdateFeatureResult = resultUnion('UpdateFeatureResult', {
  description: 'The result of `updateFeature`.',
  payload: UpdateFeaturePayload,
  refusals: ['FEATURE_NOT_FOUND', 'FEATURE_ARCHIVED'],
});

builder.mutationField('updateFeature', (t) =>
  t.field({
    type: UpdateFeatureResult,
    scopes: ['catalog:write'],
    description: 'Changes a feature. Its type and its id cannot be changed.',
    args: {
      input: t.arg({ type: FeaturesUpdateInput, required: true, description: 'What to change.' }),
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
