import type { Account } from '../domain/account.js';
import { present } from '../domain/assert.js';
import type { Balance } from '../domain/balance.js';
import type { Catalog } from '../domain/feature.js';
import { type GrantRequest, grantFingerprint, grantTo, refuseGrant } from '../domain/grant.js';
import type { Fingerprint } from '../domain/idempotency.js';
import type { Instant } from '../domain/interval.js';
import type { Refusal } from '../domain/refusal.js';
import { uuidOf, uuidTail } from '../platform/id.js';
import { customerScope } from './customer-key.js';
import type { CustomerScope } from './store.js';
import { createBalanceFromJson, createBalanceToJson } from './stored/create-balance.js';
import { grantInputOf } from './stored/grant-input.js';
import { done, type Result, type VerbContext } from './verb.js';
import { Command, type Decision, type Facts, type Idempotency } from './write/command.js';
import { entryDraft } from './write/entry-draft.js';

export interface CreateBalanceInput extends GrantRequest {
  readonly idempotencyKey: string | null;
}

/** A new balance as it was at its creation. */
export interface CreatedBalance {
  readonly scope: CustomerScope;
  readonly customerId: string;
  readonly balance: Balance;
  readonly now: Instant;
  readonly replayed: boolean;
}

/** Grants a feature to a customer or to one of its entities; with a key, exactly once. */
export function createBalance(
  ctx: VerbContext,
  input: CreateBalanceInput,
): Promise<Result<CreatedBalance>> {
  return ctx.writeQueue.submit(new CreateBalanceCommand(ctx.caller.projectId, input));
}

class CreateBalanceCommand extends Command<CreatedBalance> {
  readonly scope: CustomerScope;
  readonly bytes = 1_000;
  override readonly entityId: string | null;
  override readonly idempotency: Idempotency | null;
  override readonly decisionChangesAt: Instant | null;
  override readonly underLock = true;
  readonly #input: CreateBalanceInput;

  constructor(projectId: string, input: CreateBalanceInput) {
    super();
    const { customerId, entityId, expiresAt, idempotencyKey: key } = input;
    this.#input = input;
    this.scope = customerScope(projectId, customerId);
    this.entityId = entityId;
    this.idempotency = key === null ? null : { key, fingerprint: grantFingerprint(input) };
    this.decisionChangesAt = expiresAt;
  }

  override inputOf(fingerprint: Fingerprint, catalog: Catalog): Fingerprint {
    return grantInputOf(fingerprint, catalog);
  }

  refuse({ account, catalog, now }: Facts): Refusal | null {
    return refuseGrant(account, catalog, this.#input, now);
  }

  decide(account: Account, { catalog, now }: Facts): Decision<CreatedBalance> {
    const feature = catalog.features.get(this.#input.featureId);
    const found = present(feature, 'refuse has found the feature');
    const granted = grantTo(account, found, this.#input, uuidOf(now, uuidTail()), now);
    const { balance } = granted;
    return {
      changes: {
        account: granted.account,
        rows: { entries: granted.entries.map((entry) => entryDraft(entry, null)) },
      },
      storedResult: () => createBalanceToJson(balance),
      result: (recordedAt) => this.#created(balance, recordedAt, false),
    };
  }

  replay(json: unknown, recordedAt: Instant): Result<CreatedBalance> {
    return this.#created(createBalanceFromJson(json), recordedAt, true);
  }

  #created(balance: Balance, now: Instant, replayed: boolean): Result<CreatedBalance> {
    const { customerId } = this.#input;
    return done({ scope: this.scope, customerId, balance, now, replayed });
  }
}
