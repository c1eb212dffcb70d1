import type { FeatureType as Type } from '../domain/feature.js';
import { listFeatures, readFeature, readNamedFeature } from '../meter/read/feature.js';
import type { StoredFeature } from '../meter/store.js';
import { builder } from './builder.js';
import { type Cursors, resolvePage } from './connection.js';
import type { Context } from './context.js';
import { CreditCost } from './credit-cost.js';
import { BY_FEATURE_ID, nodeEntity } from './entity-keys.js';
import { partsOf } from './global-id.js';
import { CREDIT_COSTS_MAX, EVENT_NAMES_MAX } from './input/limits.js';
import { ID, pattern } from './input/patterns.js';
import * as rules from './input/rules.js';
import { holds } from './list-size.js';
import { fieldOf } from './loaded.js';
import { type FeatureNode, FeatureRef } from './nouns.js';

export const FeatureType = builder.enumType('FeatureType', {
  description: 'How a feature is used.',
  values: {
    BOOLEAN: { description: 'Unlocked or not, such as single sign-on. Nothing is counted.' },
    CONSUMABLE: { description: 'Used up, such as API calls or tokens.' },
    CONTINUOUS: { description: 'Taken and given back, such as seats or storage.' },
    CREDIT_SYSTEM: { description: 'Pays for other features, at a cost per unit of each.' },
  } satisfies Record<Type, { description: string }>,
});

function loadFeature(
  feature: FeatureNode,
  context: Context,
): StoredFeature | Promise<StoredFeature> {
  if ('createdAt' in feature) return feature;
  return readNamedFeature(context, feature.id);
}

const ofFeature = <Value>(pick: (feature: StoredFeature) => Value) => fieldOf(loadFeature, pick);

const loadNode = ([id = '']: readonly string[], context: Context) => readFeature(context, id);

builder.node(FeatureRef, {
  extensions: nodeEntity('Feature', loadNode, [BY_FEATURE_ID]),
  scopes: [],
  description:
    'Something that is metered or unlocked, such as API calls, tokens, seats or single ' +
    'sign-on.',
  id: { resolve: ({ id }) => id, parse: (id) => partsOf('Feature', id) },
  loadOne: loadNode,
  fields: (t) => ({
    featureId: t.exposeString('id', { description: 'The id of the feature, as you chose it.' }),
    name: t.string({
      description: 'Display name.',
      resolve: ofFeature(({ name }) => name),
    }),
    type: t.field({
      type: FeatureType,
      description: 'How the feature is used.',
      resolve: ofFeature(({ type }) => type),
    }),
    eventNames: t.stringList({
      extensions: holds(EVENT_NAMES_MAX),
      description: 'The event names that charge this feature.',
      resolve: ofFeature(({ eventNames }) => eventNames),
    }),
    creditCosts: t.field({
      type: [CreditCost],
      extensions: holds(CREDIT_COSTS_MAX),
      scopes: [],
      description:
        'The features that this credit system pays for, and at what cost. Empty for all other ' +
        'features.',
      resolve: ofFeature(({ creditCosts }) => creditCosts),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When the feature was created.',
      resolve: ofFeature(({ createdAt }) => createdAt),
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When it was last updated.',
      resolve: ofFeature(({ updatedAt }) => updatedAt),
    }),
    archivedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'Since when it is archived, or null if it is not. There can be no new balances and no new credit costs of an ' +
        'archived feature; those that exist go on.',
      resolve: ofFeature(({ archivedAt }) => archivedAt),
    }),
  }),
});

builder.queryField('feature', (t) =>
  t.field({
    type: FeatureRef,
    nullable: true,
    scopes: [],
    description: 'A feature by its id, or null if it does not exist.',
    args: {
      featureId: t.arg.string({
        required: true,
        validate: rules.id,
        description: 'The id of the feature, as you chose it.',
      }),
    },
    resolve: (_root, { featureId }, context) => readFeature(context, featureId),
  }),
);

const FeatureConnection = builder.connectionObject(
  { type: FeatureRef, name: 'FeatureConnection', description: 'A page of features.' },
  { name: 'FeatureEdge', description: 'A feature with its cursor.' },
);

const cursors: Cursors<FeatureNode> = {
  list: 'Feature',
  keyForm: pattern(ID),
  keyOf: ({ id }) => id,
};

builder.queryField('features', (t) =>
  t.connection(
    {
      type: FeatureRef,
      scopes: [],
      description: 'The features of the project, ordered by id.',
      args: {
        includeArchived: t.arg.boolean({
          defaultValue: false,
          description: 'Whether archived features are listed, too.',
        }),
      },
      resolve: (_root, { includeArchived, ...args }, context) =>
        resolvePage(args, cursors, (page) =>
          listFeatures(context, { ...page, includeArchived: includeArchived ?? false }),
        ),
    },
    FeatureConnection,
  ),
);
