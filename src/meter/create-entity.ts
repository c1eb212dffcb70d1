import { BrokenInvariantError } from '../domain/assert.js';
import { notFound } from '../domain/refusal.js';
import { customerScope } from './customer-key.js';
import type { Entity, EntityDraft } from './store.js';
import { type Answer, done, type VerbContext } from './verb.js';

export interface CreateEntityInput {
  readonly customerId: string;
  readonly entity: EntityDraft;
}

/** Adds an entity to a customer. A deleted one's id may be used again; its former balances stay ended. */
export function createEntity(
  ctx: VerbContext,
  { customerId, entity }: CreateEntityInput,
): Promise<Answer<Entity>> {
  const scope = customerScope(ctx.caller.projectId, customerId);
  return ctx.commands.submit<Entity>({
    scope,
    entityId: entity.id,
    idempotency: null,
    turnsAt: null,
    bytes: 500,
    structural: true,
    refuse({ account }) {
      if (account === null) return notFound('CUSTOMER_NOT_FOUND', customerId);
      if (!account.entityIds.has(entity.id)) return null;
      return {
        code: 'ALREADY_EXISTS',
        message: `The customer "${customerId}" has an entity with the id "${entity.id}" already.`,
      };
    },
    decide: (account, { now }) => ({
      changes: {
        account: { ...account, entityIds: new Set([...account.entityIds, entity.id]) },
        entries: [],
        event: null,
        newBalances: [],
        entity: { kind: 'SAVE', entity },
      },
      outcome: () => 'null',
      answer: () => done({ ...scope, ...entity, createdAt: now }),
    }),
    replay: () => {
      throw new BrokenInvariantError('createEntity takes no idempotency key');
    },
  });
}
