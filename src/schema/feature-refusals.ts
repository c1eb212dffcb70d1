import { FEATURE_USES, type FeatureUse } from '../domain/feature-use.js';
import type { FeatureArchived, FeatureInUse } from '../domain/refusal.js';
import { builder } from './builder.js';
import { ErrorInterface } from './error-interface.js';
import { holds } from './list-size.js';

export const FeatureArchivedError = builder
  .objectRef<FeatureArchived>('FeatureArchivedError')
  .implement({
    description: 'The feature is archived, so nothing new can be based on it.',
    interfaces: [ErrorInterface],
    fields: (t) => ({
      featureId: t.exposeString('featureId', { description: 'The id of the archived feature.' }),
    }),
  });

const FeatureUseEnum = builder.enumType('FeatureUse', {
  description: 'What has used a feature.',
  values: {
    BALANCES: { description: 'Balances of the feature, those that have ended included.' },
    EVENTS: {
      description:
        'Usage events that name the feature, or an event name that it lists or has listed. If it is not known what a feature ' +
        'listed long ago, any event name.',
    },
    RESERVATIONS: {
      description:
        'Reservations that name the feature, or an event name that it lists or has listed.',
    },
    CREDIT_COSTS: { description: 'Credit systems that list the feature.' },
  } satisfies Record<FeatureUse, { description: string }>,
});

export const FeatureInUseError = builder.objectRef<FeatureInUse>('FeatureInUseError').implement({
  description: 'Something has used the feature, so it cannot be deleted.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    uses: t.field({
      type: [FeatureUseEnum],
      extensions: holds(FEATURE_USES.length),
      description: 'What has used it.',
      resolve: ({ uses }) => [...uses],
    }),
  }),
});
