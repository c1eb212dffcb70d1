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
import { rowIdOf } from './named-balance.js';
import type { CustomerScope } from './store.js';
import {
  createBalanceFromJson,
  createBalanceToJson,
  type StoredCreateBalance,
} from './stored/create-balance.js';
import { grantInputOf } from './stored/grant-input.js';
import { done, type Result, type VerbContext } from './verb.js';
import {
  type Changes,
  Command,
  type Decision,
  type Facts,
  type Idempotency,
} from './write/command.js';
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
  /** Whether it is new; otherwise the customer had it, with this id of the caller's and on these terms. */
  readonly created: boolean;
  readonly replayed: boolean;
}

/** Grants a feature to a customer or to one of its entities; with a key, or an id of the caller's, exactly once. */
export function createBalance(
  ctx: VerbContext,
  input: CreateBalanceInput,
): Promise<Result<CreatedBalance>> {
  return ctx.writeQueue.submit(
    new CreateBalanceCommand(ctx.caller.projectId, input),
    ctx.execution,
  );
}

class CreateBalanceCommand extends Command<CreatedBalance> {
  readonly scope: CustomerScope;
  readonly bytes = 1_000;
  override readonly entityId: string | null;
  override readonly balanceId: string | null;
  override readonly idempotency: Idempotency | null;
  override readonly decisionChangesAt: Instant | null;
  override readonly underLock = true;
  readonly #input: CreateBalanceInput;

  constructor(projectId: string, input: CreateBalanceInput) {
    super();
    const { customerId, balanceId, entityId, expiresAt, idempotencyKey: key } = input;
    this.#input = input;
    this.scope = customerScope(projectId, customerId);
    this.entityId = entityId;
    this.balanceId = balanceId === null ? null : rowIdOf(this.scope.customerKey, balanceId);
    this.idempotency = key === null ? null : { key, fingerprint: grantFingerprint(input) };
    this.decisionChangesAt = expiresAt;
  }

  override inputOf(fingerprint: Fingerprint, catalog: Catalog): Fingerprint {
    return grantInputOf(fingerprint, catalog);
  }

  refuse({ account, catalog, now }: Facts): Refusal | null {
    return refuseGrant(account, catalog, this.#input, now, account && this.#formerIn(account));
  }

  decide(account: Account, { catalog, now }: Facts): Decision<CreatedBalance> {
    const former = this.#formerIn(account);
    if (former !== null) return this.#decision({ balance: former, created: false }, null);
    const feature = catalog.features.get(this.#input.featureId);
    const found = present(feature, 'refuse has found the feature');
    const id = this.balanceId ?? uuidOf(now, uuidTail());
    const granted = grantTo(account, found, this.#input, id, now);
    return this.#decision(
      { balance: granted.balance, created: true },
      {
        account: granted.account,
        rows: { entries: granted.entries.map((entry) => entryDraft(entry, null)) },
      },
    );
  }

  replay(json: unknown, recordedAt: Instant): Result<CreatedBalance> {
    return this.#created(createBalanceFromJson(json), recordedAt, true);
  }

  /** The balance that has the caller's id, an ended one too. */
  #formerIn({ balances }: Account): Balance | null {
    return balances.find(({ id }) => id === this.balanceId) ?? null;
  }

  #decision(stored: StoredCreateBalance, changes: Changes | null): Decision<CreatedBalance> {
    return {
      changes,
      // Also where nothing changed: a late duplicate gets the same answer, whatever has become of the balance.
      storedResult: () => createBalanceToJson(stored),
      result: (recordedAt) => this.#created(stored, recordedAt, false),
    };
  }

  #created(stored: StoredCreateBalance, now: Instant, replayed: boolean): Result<CreatedBalance> {
    const { customerId } = this.#input;
    return done({ ...stored, scope: this.scope, customerId, now, replayed });
  }
}
