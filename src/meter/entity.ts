import { type Account, hasEntity, withBalances, withEntity } from '../domain/account.js';
import { end } from '../domain/advance.js';
import { BrokenInvariantError, present } from '../domain/assert.js';
import { notFound, type Refusal } from '../domain/refusal.js';
import { releaseAll } from '../domain/settle.js';
import { JsonText } from '../platform/json-text.js';
import { customerScope } from './customer-key.js';
import type { CustomerScope, Entity, EntityChanges, EntityDraft } from './store.js';
import { done, type Result, refuse, type VerbContext } from './verb.js';
import { type Changes, Command, type Decision, type Facts } from './write/command.js';
import { entryDraft } from './write/entry-draft.js';
import { writeCustomer } from './write/gates.js';
import type { EntityState } from './write/write-path.js';

export interface CreateEntityInput {
  readonly customerId: string;
  readonly entity: EntityDraft;
}

/** An entity that exists now; one that existed before is only located. */
export interface CreatedEntity {
  readonly entity: Entity | (CustomerScope & Pick<Entity, 'id'>);
  readonly created: boolean;
}

/**
 * Creates an entity, or returns the customer's existing one with the id unchanged. A
 * deleted one's id can be used again; its former balances stay ended.
 */
export function createEntity(
  ctx: VerbContext,
  input: CreateEntityInput,
): Promise<Result<CreatedEntity>> {
  return ctx.writeQueue.submit(new CreateEntityCommand(ctx.caller.projectId, input), ctx.execution);
}

export interface UpdateEntityInput {
  readonly customerId: string;
  readonly entityId: string;
  readonly changes: EntityChanges;
}

/** Changes the fields that are given. No balance depends on them, so this is not a command. */
export async function updateEntity(
  ctx: VerbContext,
  { customerId, entityId, changes }: UpdateEntityInput,
): Promise<Result<Entity>> {
  const scope = customerScope(ctx.caller.projectId, customerId);
  const found = await writeCustomer(ctx, scope, () =>
    ctx.store.updateEntity(scope, entityId, changes),
  );
  if (found === 'NO_CUSTOMER') return refuse(notFound('CUSTOMER_NOT_FOUND', customerId));
  return found === null ? refuse(notFound('ENTITY_NOT_FOUND', entityId)) : done(found);
}

export interface DeleteEntityInput {
  readonly customerId: string;
  readonly entityId: string;
}

/** Ends an entity and its own balances. Its events and ledger stay. */
export async function deleteEntity(
  ctx: VerbContext,
  input: DeleteEntityInput,
): Promise<Result<Entity>> {
  const scope = customerScope(ctx.caller.projectId, input.customerId);
  const entity = await ctx.store.entity(scope, input.entityId);
  return ctx.writeQueue.submit(new DeleteEntityCommand(scope, input, entity), ctx.execution);
}

const ENTITY_BYTES = 500;

class CreateEntityCommand extends Command<CreatedEntity> {
  readonly scope: CustomerScope;
  readonly bytes = ENTITY_BYTES;
  override readonly entityId: string;
  override readonly underLock = true;
  readonly #input: CreateEntityInput;

  constructor(projectId: string, input: CreateEntityInput) {
    super();
    this.scope = customerScope(projectId, input.customerId);
    this.entityId = input.entity.id;
    this.#input = input;
  }

  refuse({ account }: Facts): Refusal | null {
    return account === null ? notFound('CUSTOMER_NOT_FOUND', this.#input.customerId) : null;
  }

  decide(account: Account, { now }: Facts): Decision<CreatedEntity> {
    const { entity: draft } = this.#input;
    const created = !hasEntity(account, draft.id);
    const entity = { ...draft, metadata: JsonText.of(draft.metadata), createdAt: now };
    const known = created ? entity : { id: draft.id };
    return {
      changes: created ? additionOf(account, { ...entity, deletedAt: null }) : null,
      storedResult: () => null,
      result: () => done({ entity: { ...this.scope, ...known }, created }),
    };
  }

  replay(): never {
    throw new BrokenInvariantError('createEntity takes no idempotency key');
  }
}

function additionOf(account: Account, entity: EntityState): Changes {
  return { account: withEntity(account, entity.id, true), rows: { entities: [entity] } };
}

class DeleteEntityCommand extends Command<Entity> {
  readonly scope: CustomerScope;
  readonly bytes = ENTITY_BYTES;
  override readonly entityId: string;
  override readonly underLock = true;
  readonly #customerId: string;
  /** As it was read before; null if it was not found. */
  readonly #entity: Entity | null;

  constructor(scope: CustomerScope, input: DeleteEntityInput, entity: Entity | null) {
    super();
    this.scope = scope;
    this.entityId = input.entityId;
    this.#customerId = input.customerId;
    this.#entity = entity;
  }

  refuse({ account }: Facts): Refusal | null {
    if (account === null) return notFound('CUSTOMER_NOT_FOUND', this.#customerId);
    // One that was created after the lookup stays: the result could not say what it was.
    const exists = this.#entity !== null && hasEntity(account, this.entityId);
    return exists ? null : notFound('ENTITY_NOT_FOUND', this.entityId);
  }

  decide(account: Account, { now }: Facts): Decision<Entity> {
    // It may have been replaced by another with the same id since it was read; either will do.
    const entity = present(this.#entity, 'one that was not found is refused');
    const holds = account.holds.filter(({ entityId }) => entityId === this.entityId);
    const released = releaseAll(account, holds, now);
    const ended = released.account.balances
      .filter(({ entityId, expiredAt }) => entityId === this.entityId && expiredAt === null)
      .map((balance) => end(balance, now));
    const balances = ended.map(({ balance }) => balance);
    return {
      changes: {
        account: withEntity(withBalances(released.account, balances), this.entityId, false),
        rows: {
          entries: [...released.entries, ...ended.map(({ entry }) => entry)].map((entry) =>
            entryDraft(entry, null),
          ),
          entities: [{ ...entity, deletedAt: now }],
        },
      },
      storedResult: () => null,
      result: () => done(entity),
    };
  }

  replay(): never {
    throw new BrokenInvariantError('deleteEntity takes no idempotency key');
  }
}
