import { createEntity, deleteEntity, updateEntity } from '../meter/entity.js';
import type { Entity, EntityChanges } from '../meter/store.js';
import { builder } from './builder.js';
import { resultUnion, unionValue } from './errors.js';
import * as rules from './input/rules.js';
import { toJsonObject } from './input/values.js';
import { type EntityNode, EntityRef } from './nouns.js';

const EntitiesCreateInput = builder.inputType('EntitiesCreateInput', {
  description: 'The entity to create.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id of the customer that the entity will belong to.',
    }),
    entityId: t.string({
      required: true,
      validate: rules.newId,
      description:
        'An id of your own: 1 to 255 printable ASCII characters without spaces, unique within ' +
        'the customer.',
    }),
    name: t.string({ validate: rules.name, description: 'Display name.' }),
    metadata: t.field({
      type: 'JSON',
      validate: rules.metadata,
      description: 'Anything you want to keep with it, as a JSON object of at most 16 KiB.',
    }),
  }),
});

interface Created {
  readonly entity: EntityNode;
  readonly created: boolean;
}

const CreateEntityPayload = builder.objectRef<Created>('CreateEntityPayload').implement({
  description: 'The entity exists now.',
  fields: (t) => ({
    entity: t.expose('entity', {
      type: EntityRef,
      description: 'The entity. One that existed before is unchanged.',
    }),
    created: t.exposeBoolean('created', {
      description:
        'Whether this call created the entity. If false, it existed before and was not changed.',
    }),
  }),
});

const CreateEntityResult = resultUnion('CreateEntityResult', {
  description: 'The result of `createEntity`.',
  payload: CreateEntityPayload,
  refusals: ['CUSTOMER_NOT_FOUND'],
});

builder.mutationField('createEntity', (t) =>
  t.field({
    type: CreateEntityResult,
    scopes: ['customers:write'],
    description:
      'Creates an entity of a customer, or returns the one that has the id, unchanged. It is ' +
      'safe to repeat. The id of a deleted entity can be used again; its former balances stay ' +
      'ended.',
    args: {
      input: t.arg({ type: EntitiesCreateInput, required: true, description: 'The entity.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { customerId, entityId: id, name = null } = input;
      const metadata = toJsonObject(input.metadata) ?? {};
      return unionValue(
        await createEntity(context, { customerId, entity: { id, name, metadata } }),
      );
    },
  }),
);

const EntitiesUpdateInput = builder.inputType('EntitiesUpdateInput', {
  description:
    'What to change about an entity. Fields that are omitted stay as they are; null clears a field.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id of the customer that the entity belongs to.',
    }),
    entityId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id of the entity to change.',
    }),
    name: t.string({ validate: rules.name, description: 'New display name. Null removes it.' }),
    metadata: t.field({
      type: 'JSON',
      validate: rules.metadata,
      description: 'A JSON object of at most 16 KiB that replaces the present one.',
    }),
  }),
});

const UpdateEntityPayload = builder.objectRef<EntityNode>('UpdateEntityPayload').implement({
  description: 'The entity was changed.',
  fields: (t) => ({
    entity: t.field({
      type: EntityRef,
      description: 'The entity, as it is now.',
      resolve: (entity) => entity,
    }),
  }),
});

const UpdateEntityResult = resultUnion('UpdateEntityResult', {
  description: 'The result of `updateEntity`.',
  payload: UpdateEntityPayload,
  refusals: ['CUSTOMER_NOT_FOUND', 'ENTITY_NOT_FOUND'],
});

builder.mutationField('updateEntity', (t) =>
  t.field({
    type: UpdateEntityResult,
    scopes: ['customers:write'],
    description: 'Changes the name or the metadata of an entity. Its id cannot be changed.',
    args: {
      input: t.arg({ type: EntitiesUpdateInput, required: true, description: 'What to change.' }),
    },
    resolve: async (_root, { input }, context) => {
      const { customerId, entityId } = input;
      const changes = toChanges(input);
      return unionValue(await updateEntity(context, { customerId, entityId, changes }));
    },
  }),
);

function toChanges({ name, metadata }: typeof EntitiesUpdateInput.$inferInput): EntityChanges {
  return {
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata: toJsonObject(metadata) ?? {} }),
  };
}

const EntitiesDeleteInput = builder.inputType('EntitiesDeleteInput', {
  description: 'The entity to delete.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id of the customer that the entity belongs to.',
    }),
    entityId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id of the entity to delete.',
    }),
  }),
});

const DeleteEntityPayload = builder.objectRef<Entity>('DeleteEntityPayload').implement({
  description: 'The entity was deleted.',
  fields: (t) => ({
    entity: t.field({
      type: EntityRef,
      description: 'The entity, as it was before. Its balances have ended.',
      resolve: (entity): EntityNode => ({ ...entity, isDeleted: true }),
    }),
  }),
});

const DeleteEntityResult = resultUnion('DeleteEntityResult', {
  description: 'The result of `deleteEntity`.',
  payload: DeleteEntityPayload,
  refusals: ['CUSTOMER_NOT_FOUND', 'ENTITY_NOT_FOUND'],
});

builder.mutationField('deleteEntity', (t) =>
  t.field({
    type: DeleteEntityResult,
    scopes: ['customers:write'],
    description: 'Deletes an entity and ends its own balances. Its events and ledger entries stay.',
    args: {
      input: t.arg({ type: EntitiesDeleteInput, required: true, description: 'The entity.' }),
    },
    resolve: async (_root, { input }, context) => unionValue(await deleteEntity(context, input)),
  }),
);
