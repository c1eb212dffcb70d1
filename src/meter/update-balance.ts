import type { Account } from '../domain/account.js';
import { present } from '../domain/assert.js';
import type { Balance } from '../domain/balance.js';
import {
  type BalanceChanges,
  changesFingerprint,
  correct,
  refuseCorrection,
} from '../domain/correction.js';
import type { Instant } from '../domain/interval.js';
import type { Refusal } from '../domain/refusal.js';
import { customerScope } from './customer-key.js';
import { type NamedBalance, namedIn, refuseUnnamed } from './named-balance.js';
import type { CustomerScope } from './store.js';
import { updateBalanceFromJson, updateBalanceToJson } from './stored/update-balance.js';
import { done, type Result, type VerbContext } from './verb.js';
import {
  type Changes,
  Command,
  type Decision,
  type Facts,
  type Idempotency,
} from './write/command.js';
import { notedEntryDraft } from './write/entry-draft.js';
import type { Note } from './write/write-path.js';

export interface UpdateBalanceInput {
  readonly balance: NamedBalance;
  readonly changes: BalanceChanges;
  readonly note: Note;
  readonly idempotencyKey: string | null;
}

/** A balance as its correction left it. */
export interface UpdatedBalance {
  readonly scope: CustomerScope;
  readonly customerId: string;
  readonly balance: Balance;
  /** Whether anything was different before. */
  readonly changed: boolean;
  readonly replayed: boolean;
}

/** Corrects what is granted, used and agreed of a balance (R32); with a key, exactly once. */
export function updateBalance(
  ctx: VerbContext,
  input: UpdateBalanceInput,
): Promise<Result<UpdatedBalance>> {
  return ctx.writeQueue.submit(
    new UpdateBalanceCommand(ctx.caller.projectId, input),
    ctx.execution,
  );
}

class UpdateBalanceCommand extends Command<UpdatedBalance> {
  readonly scope: CustomerScope;
  readonly bytes = 3_000;
  override readonly idempotency: Idempotency | null;
  override readonly decisionChangesAt: Instant | null;
  readonly #input: UpdateBalanceInput;

  constructor(projectId: string, input: UpdateBalanceInput) {
    super();
    const { balance, changes, note, idempotencyKey: key } = input;
    this.#input = input;
    this.scope = customerScope(projectId, balance.customerId);
    this.decisionChangesAt = changes.expiresAt ?? null;
    const fingerprint = () => ({
      operation: 'updateBalance',
      id: balance.id,
      ...changesFingerprint(changes),
      reason: note.reason,
      actor: note.actor,
    });
    this.idempotency = key === null ? null : { key, fingerprint: fingerprint() };
  }

  refuse({ account, catalog, now }: Facts): Refusal | null {
    const { balance, changes } = this.#input;
    const unnamed = refuseUnnamed(account, balance);
    if (unnamed !== null || account === null) return unnamed;
    return refuseCorrection(account, catalog, this.#named(account), changes, now);
  }

  decide(account: Account, { now }: Facts): Decision<UpdatedBalance> {
    const { changes: asked, note } = this.#input;
    const corrected = correct(account, this.#named(account), asked, now);
    const { balance, entry } = corrected;
    const changes: Changes | null =
      entry === null
        ? null
        : {
            account: corrected.account,
            rows: { notedEntries: [notedEntryDraft(entry, null, note)] },
          };
    const stored = { balance, changed: entry !== null };
    return {
      changes,
      // Also where nothing changed: a late duplicate must not undo what others have changed since.
      storedResult: () => updateBalanceToJson(stored),
      result: () => this.#updated(stored, false),
    };
  }

  replay(json: unknown): Result<UpdatedBalance> {
    return this.#updated(updateBalanceFromJson(json), true);
  }

  #named(account: Account): Balance {
    return present(namedIn(account, this.#input.balance), 'refuse has found the balance');
  }

  #updated(
    stored: Pick<UpdatedBalance, 'balance' | 'changed'>,
    replayed: boolean,
  ): Result<UpdatedBalance> {
    const { customerId } = this.#input.balance;
    return done({ ...stored, scope: this.scope, customerId, replayed });
  }
}
