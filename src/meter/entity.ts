import { withBalances } from '../domain/account.js';
import { end } from '../domain/advance.js';
import { BrokenInvariantError, present } from '../domain/assert.js';
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

export interface DeleteEntityInput {
  readonly customerId: string;
  readonly entityId: string;
}

/** Ends an entity and its own balances. Its events and ledger stay. */
export async function deleteEntity(
  ctx: VerbContext,
  { customerId, entityId }: DeleteEntityInput,
): Promise<Answer<Entity>> {
  const scope = customerScope(ctx.caller.projectId, customerId);
  const entity = await ctx.store.entity(scope, entityId);
  return ctx.commands.submit<Entity>({
    scope,
    entityId,
    idempotency: null,
    turnsAt: null,
    bytes: 500,
    structural: true,
    refuse({ account }) {
      if (account === null) return notFound('CUSTOMER_NOT_FOUND', customerId);
      // One that was created since it was looked for stays: the answer could not say what it was.
      const exists = entity !== null && account.entityIds.has(entityId);
      return exists ? null : notFound('ENTITY_NOT_FOUND', entityId);
    },
    decide(account, { now }) {
      const ended = account.balances
        .filter((balance) => balance.entityId === entityId)
        .map((balance) => end(balance, now));
      const entityIds = new Set(account.entityIds);
      entityIds.delete(entityId);
      return {
        changes: {
          account: {
            ...withBalances(
              account,
              ended.map(({ balance }) => balance),
            ),
            entityIds,
          },
          entries: ended.map(({ entry }) => entry),
          event: null,
          newBalances: [],
          entity: { kind: 'DELETE', entityId },
        },
        outcome: () => 'null',
        // It may have been replaced by another of its id since it was read; one is as good as the other.
        answer: () => done(present(entity, 'one that was not found is refused')),
      };
    },
    replay: () => {
      throw new BrokenInvariantError('deleteEntity takes no idempotency key');
    },
  });
}
