import { readEntity } from '../meter/read/entity.js';
import type { Entity } from '../meter/store.js';
import { builder } from './builder.js';
import type { Cursors } from './connection.js';
import type { Context } from './context.js';
import { BY_ENTITY_ID, nodeEntity } from './entity-keys.js';
import { EventConnection, NO_FILTER, resolveEvents } from './event.js';
import { allFeatureBalances, oneFeatureBalance } from './feature-balance.js';
import { partsOf } from './global-id.js';
import { ID, pattern } from './input/patterns.js';
import * as rules from './input/rules.js';
import { BALANCES_BY_FEATURE, ONE_OF_BALANCES } from './list-size.js';
import { fieldOf } from './loaded.js';
import {
  CustomerRef,
  type EntityNode,
  EntityRef,
  EventRef,
  FeatureBalanceRef,
  ownerOf,
} from './nouns.js';
import { OWNER_SCOPES, PROFILE_SCOPES } from './scopes.js';

/** Null once it is deleted: only events and balances still refer to it then. */
function loadEntity(entity: EntityNode, context: Context): Entity | Promise<Entity | null> {
  return 'createdAt' in entity ? entity : readEntity(context, entity);
}

const ofEntity = <Value>(pick: (entity: Entity | null) => Value) =>
  fieldOf<EntityNode, Entity | null, Value>(loadEntity, pick);

/** A deleted entity can use nothing, not even what its customer has. Both are read together. */
async function ifNotDeleted<Value, None>(
  entity: EntityNode,
  context: Context,
  found: Promise<Value>,
  none: None,
): Promise<Value | None> {
  const loaded = 'isDeleted' in entity ? null : loadEntity(entity, context);
  const [living, value] = await Promise.all([loaded, found]);
  return living === null ? none : value;
}

const loadNode = ([customerKey = '', id = '']: readonly string[], context: Context) =>
  readEntity(context, { customerKey, id });

builder.node(EntityRef, {
  extensions: nodeEntity('CustomerEntity', loadNode, [BY_ENTITY_ID]),
  scopes: OWNER_SCOPES,
  description:
    'A part of a customer that can have balances of its own: a seat, a workspace, an agent.',
  id: {
    resolve: ({ customerKey, id }) => `${customerKey}:${id}`,
    parse: (id) => partsOf('CustomerEntity', id),
  },
  loadOne: loadNode,
  fields: (t) => ({
    entityId: t.exposeString('id', { description: 'The id of the entity, as you chose it.' }),
    name: t.string({
      nullable: true,
      scopes: PROFILE_SCOPES,
      description: 'Display name. Null once the entity has been deleted.',
      resolve: ofEntity((entity) => entity?.name ?? null),
    }),
    metadata: t.field({
      type: 'JSON',
      scopes: PROFILE_SCOPES,
      description:
        'Anything you keep with it, as a JSON object. Empty once the entity has been deleted.',
      resolve: ofEntity((entity) => entity?.metadata ?? {}),
    }),
    createdAt: t.field({
      type: 'DateTime',
      nullable: true,
      scopes: PROFILE_SCOPES,
      description: 'When it was created, or null once the entity has been deleted.',
      resolve: ofEntity((entity) => entity?.createdAt ?? null),
    }),
    customer: t.field({
      type: CustomerRef,
      scopes: [],
      description: 'The customer that the entity belongs to.',
      resolve: (entity) => ownerOf(entity),
    }),
    balances: t.field({
      type: [FeatureBalanceRef],
      extensions: BALANCES_BY_FEATURE,
      scopes: ['balances:read'],
      description:
        "What the entity can use of each feature, its own balances and the customer's together. Empty once the " +
        'entity has been deleted.',
      resolve: (entity, _args, context) => {
        const found = allFeatureBalances(context, ownerOf(entity), entity.id);
        return ifNotDeleted(entity, context, found, []);
      },
    }),
    balance: t.field({
      type: FeatureBalanceRef,
      extensions: ONE_OF_BALANCES,
      nullable: true,
      scopes: ['check:read', 'balances:read'],
      description:
        "What the entity can use of one feature, its own balances and the customer's together, " +
        'or null if there are none or the entity has been deleted.',
      args: {
        featureId: t.arg.string({
          required: true,
          validate: rules.id,
          description: 'The feature.',
        }),
      },
      resolve: (entity, { featureId }, context) => {
        const found = oneFeatureBalance(context, ownerOf(entity), entity.id, featureId);
        return ifNotDeleted(entity, context, found, null);
      },
    }),
    events: t.connection(
      {
        type: EventRef,
        scopes: ['events:read'],
        description:
          'The usage events of the entity, newest first by the time at which they occurred.',
        resolve: (entity, args, context, info) =>
          resolveEvents(context, info, args, {
            ...NO_FILTER,
            customerKey: entity.customerKey,
            entityId: entity.id,
          }),
      },
      EventConnection,
    ),
  }),
});

export const EntityConnection = builder.connectionObject(
  {
    type: EntityRef,
    name: 'CustomerEntityConnection',
    description: "A page of a customer's entities.",
  },
  { name: 'CustomerEntityEdge', description: 'An entity with its cursor.' },
);

export const entityCursors: Cursors<Entity> = {
  list: 'CustomerEntity',
  keyForm: pattern(ID),
  keyOf: ({ id }) => id,
};
