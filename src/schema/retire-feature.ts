import { archiveFeature, deleteFeature } from '../meter/retire-feature.js';
import { builder } from './builder.js';
import { resultUnion, unionValue } from './errors.js';
import * as rules from './input/rules.js';
import { type FeatureNode, FeatureRef } from './nouns.js';

const FeaturesArchiveInput = builder.inputType('FeaturesArchiveInput', {
  description: 'The feature to archive or to bring back.',
  fields: (t) => ({
    featureId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id of the feature.',
    }),
    archived: t.boolean({
      defaultValue: true,
      description:
        'Whether it is archived from now on; false brings it back. Null is the same as true.',
    }),
  }),
});

const ArchiveFeaturePayload = builder.objectRef<FeatureNode>('ArchiveFeaturePayload').implement({
  description: 'The feature is archived now, or is not any more.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description: 'The feature, as it is now.',
      resolve: (feature) => feature,
    }),
  }),
});

const ArchiveFeatureResult = resultUnion('ArchiveFeatureResult', {
  description: 'The result of `archiveFeature`.',
  payload: ArchiveFeaturePayload,
  refusals: ['FEATURE_NOT_FOUND'],
});

builder.mutationField('archiveFeature', (t) =>
  t.field({
    type: ArchiveFeatureResult,
    scopes: ['catalog:write'],
    description:
      'Archives a feature, or brings it back. There can be no new balances of an archived feature, and no credit system can begin to list it, ' +
      'and `features` leaves it out. What exists goes on: its balances are used and reset, and everything can be read. It is ' +
      'safe to repeat.',
    args: {
      input: t.arg({ type: FeaturesArchiveInput, required: true, description: 'The feature.' }),
    },
    resolve: async (_root, { input: { featureId, archived } }, context) =>
      unionValue(await archiveFeature(context, { featureId, archived: archived ?? true })),
  }),
);

const FeaturesDeleteInput = builder.inputType('FeaturesDeleteInput', {
  description: 'The feature to delete.',
  fields: (t) => ({
    featureId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id of the feature.',
    }),
  }),
});

const DeleteFeaturePayload = builder.objectRef<FeatureNode>('DeleteFeaturePayload').implement({
  description: 'The feature was deleted.',
  fields: (t) => ({
    feature: t.field({
      type: FeatureRef,
      description: 'The feature, as it was before.',
      resolve: (feature) => feature,
    }),
  }),
});

const DeleteFeatureResult = resultUnion('DeleteFeatureResult', {
  description: 'The result of `deleteFeature`.',
  payload: DeleteFeaturePayload,
  refusals: ['FEATURE_NOT_FOUND', 'FEATURE_IN_USE'],
});

builder.mutationField('deleteFeature', (t) =>
  t.field({
    type: DeleteFeatureResult,
    scopes: ['catalog:write'],
    description:
      'Deletes a feature that nothing has ever used: there was no balance, no usage event and no reservation of it, and no ' +
      'credit system lists it. Any other is refused with FEATURE_IN_USE; archive it instead. A retry after it was deleted ' +
      'is answered with FEATURE_NOT_FOUND.',
    args: {
      input: t.arg({ type: FeaturesDeleteInput, required: true, description: 'The feature.' }),
    },
    resolve: async (_root, { input }, context) =>
      unionValue(await deleteFeature(context, input.featureId)),
  }),
);
