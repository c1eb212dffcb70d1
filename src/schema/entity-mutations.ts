import { createEntity, deleteEntity } from '../meter/entity.js';
import { builder } from './builder.js';
import { resultUnion, unionValue } from './errors.js';
import * as rules from './input/rules.js';
import { toJsonObject } from './input/values.js';
import { type EntityNode, EntityRef } from './nouns.js';

const EntitiesCreateInput = builder.inputType('EntitiesCreateInput', {
  description: 'An entity to create.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'The customer whose it will be.',
    }),
    entityId: t.string({
      required: true,
      validate: rules.id,
      description:
        'The id to give it, unique within the customer: 1 to 255 printable ASCII characters ' +
        'without spaces.',
    }),
    name: t.string({ validate: rules.name, description: 'Its name, for people.' }),
    metadata: t.field({
      type: 'JSON',
      validate: rules.metadata,
      description: 'An object with what the caller wants to note about it, at most 16 KiB.',
    }),
  }),
});

interface Created {
  readonly entity: EntityNode;
  readonly created: boolean;
}

const CreateEntityPayload = builder.objectRef<Created>('CreateEntityPayload').implement({
  description: 'Answers an entity that exists now.',
  fields: (t) => ({
    entity: t.expose('entity', {
      type: EntityRef,
      description: 'The entity. One that existed before is unchanged.',
    }),
    created: t.exposeBoolean('created', {
      description: 'Whether this call created it; otherwise it existed before.',
    }),
  }),
});

const CreateEntityResult = resultUnion('CreateEntityResult', {
  description: 'What createEntity answers.',
  payload: CreateEntityPayload,
  refusals: ['CUSTOMER_NOT_FOUND'],
});

builder.mutationField('createEntity', (t) =>
  t.field({
    type: CreateEntityResult,
    description:
      'Creates an entity of a customer, or returns the one that has the id, unchanged. It is safe ' +
      'to send again. The id of a deleted entity can be created anew; its former balances stay ended.',
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

const EntitiesDeleteInput = builder.inputType('EntitiesDeleteInput', {
  description: 'An entity to delete.',
  fields: (t) => ({
    customerId: t.string({
      required: true,
      validate: rules.id,
      description: 'The customer whose it is.',
    }),
    entityId: t.string({
      required: true,
      validate: rules.id,
      description: 'The id that the caller has given it.',
    }),
  }),
});

const DeleteEntityPayload = builder.objectRef<EntityNode>('DeleteEntityPayload').implement({
  description: 'Answers an entity that was deleted.',
  fields: (t) => ({
    entity: t.field({
      type: EntityRef,
      description: 'The entity as it was.',
      resolve: (entity) => entity,
    }),
  }),
});

const DeleteEntityResult = resultUnion('DeleteEntityResult', {
  description: 'What deleteEntity answers.',
  payload: DeleteEntityPayload,
  refusals: ['CUSTOMER_NOT_FOUND', 'ENTITY_NOT_FOUND'],
});

builder.mutationField('deleteEntity', (t) =>
  t.field({
    type: DeleteEntityResult,
    description: 'Deletes an entity and ends its own balances; its events and ledger stay.',
    args: {
      input: t.arg({ type: EntitiesDeleteInput, required: true, description: 'The entity.' }),
    },
    resolve: async (_root, { input }, context) => unionValue(await deleteEntity(context, input)),
  }),
);
