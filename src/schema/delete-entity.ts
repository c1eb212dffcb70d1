import { deleteEntity } from '../meter/delete-entity.js';
import { builder } from './builder.js';
import { resultUnion, settle } from './errors.js';
import { type EntityNode, EntityRef } from './nouns.js';
import * as rules from './rules.js';

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
    resolve: async (_root, { input }, context) => settle(await deleteEntity(context, input)),
  }),
);
