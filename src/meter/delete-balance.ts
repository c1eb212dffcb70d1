import type { Account } from '../domain/account.js';
import { present } from '../domain/assert.js';
import type { Balance } from '../domain/balance.js';
import {
  type DeletedBalance,
  deleteBalance as deleted,
  refuseHeld,
  refuseTransfer,
} from '../domain/delete-balance.js';
import type { Refusal } from '../domain/refusal.js';
import { customerScope } from './customer-key.js';
import { type NamedBalance, namedIn, refuseUnnamed } from './named-balance.js';
import type { CustomerScope } from './store.js';
import {
  deleteBalanceFromJson,
  deleteBalanceToJson,
  type StoredDeleteBalance,
} from './stored/delete-balance.js';
import { done, type Result, type VerbContext } from './verb.js';
import { Command, type Decision, type Facts, type Idempotency } from './write/command.js';
import { notedEntryDraft } from './write/entry-draft.js';
import type { Note } from './write/write-path.js';

export interface DeleteBalanceInput {
  readonly balance: NamedBalance;
  readonly transferUsage: boolean;
  readonly note: Note;
  readonly idempotencyKey: string | null;
}

/** A balance that has ended, as it was before, and what was charged to others. */
export interface DeleteBalance
  extends Pick<DeletedBalance, 'balance' | 'transferred' | 'notTransferred'> {
  readonly scope: CustomerScope;
  readonly customerId: string;
  readonly replayed: boolean;
}

/** Ends a balance now (R33); with a key, exactly once. Its ledger stays. */
export function deleteBalance(
  ctx: VerbContext,
  input: DeleteBalanceInput,
): Promise<Result<DeleteBalance>> {
  return ctx.writeQueue.submit(
    new DeleteBalanceCommand(ctx.caller.projectId, input),
    ctx.execution,
  );
}

class DeleteBalanceCommand extends Command<DeleteBalance> {
  readonly scope: CustomerScope;
  readonly bytes = 3_000;
  override readonly idempotency: Idempotency | null;
  override readonly underLock = true;
  readonly #input: DeleteBalanceInput;

  constructor(projectId: string, input: DeleteBalanceInput) {
    super();
    const { balance, transferUsage, note, idempotencyKey: key } = input;
    this.#input = input;
    this.scope = customerScope(projectId, balance.customerId);
    const fingerprint = () => ({
      operation: 'deleteBalance',
      id: balance.id,
      transferUsage: String(transferUsage),
      reason: note.reason,
      actor: note.actor,
    });
    this.idempotency = key === null ? null : { key, fingerprint: fingerprint() };
  }

  refuse({ account, catalog, now }: Facts): Refusal | null {
    const { balance, transferUsage } = this.#input;
    const unnamed = refuseUnnamed(account, balance);
    if (unnamed !== null || account === null) return unnamed;
    const named = this.#named(account);
    const held = refuseHeld(account, named, balance.name);
    if (held !== null) return held;
    return transferUsage ? refuseTransfer(account, catalog, named, now) : null;
  }

  decide(account: Account, { catalog, now }: Facts): Decision<DeleteBalance> {
    const { transferUsage, note } = this.#input;
    const ended = deleted(account, catalog, this.#named(account), transferUsage, now);
    return {
      changes: {
        account: ended.account,
        rows: { notedEntries: ended.entries.map((entry) => notedEntryDraft(entry, null, note)) },
      },
      storedResult: () => deleteBalanceToJson(ended),
      result: () => this.#deleted(ended, false),
    };
  }

  replay(json: unknown): Result<DeleteBalance> {
    return this.#deleted(deleteBalanceFromJson(json), true);
  }

  #named(account: Account): Balance {
    return present(namedIn(account, this.#input.balance), 'refuse has found the balance');
  }

  #deleted(stored: StoredDeleteBalance, replayed: boolean): Result<DeleteBalance> {
    const { balance, transferred, notTransferred } = stored;
    const { customerId } = this.#input.balance;
    return done({ balance, transferred, notTransferred, scope: this.scope, customerId, replayed });
  }
}
