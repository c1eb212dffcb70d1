import { type Account, advanceAccount } from '../../domain/account.js';
import { advance, earliest } from '../../domain/advance.js';
import { assert, present } from '../../domain/assert.js';
import type { Balance, LedgerEntry } from '../../domain/balance.js';
import type { Catalog } from '../../domain/feature.js';
import { firstDifference } from '../../domain/idempotency.js';
import type { Instant } from '../../domain/interval.js';
import { idempotencyConflict } from '../../domain/refusal.js';
import type { CustomerScope } from '../store.js';
import { refuse } from '../verb.js';
import type { Command, EntityChange, Facts, Idempotency } from './command.js';
import type {
  AccountChange,
  BalanceChange,
  EntryDraft,
  EventDraft,
  StoredResult,
  StoredResultDraft,
} from './write-path.js';

/** What one customer's commands are decided on. */
export interface AccountState {
  readonly scope: CustomerScope;
  readonly account: Account | null;
  readonly catalog: Catalog;
  readonly now: Instant;
  /** The results already given, by key; empty where they were not looked up. */
  readonly storedResults: ReadonlyMap<string, StoredResult>;
}

/** The commands of one customer, decided in order of arrival. */
export interface DecidedAccount {
  readonly scope: CustomerScope;
  /** The account after the commands; null where the customer does not exist. */
  readonly account: Account | null;
  /** What to commit; null where the customer does not exist. */
  readonly change: AccountChange | null;
  readonly newBalances: readonly Balance[];
  readonly entities: readonly EntityChange[];
  /** Gives every command its result, once the change is committed. */
  complete(recordedAt: Instant): void;
}

/** Decides a customer's commands one after the other, each on the account that the one before it left. Pure but for `complete`. */
export function decideAccount(
  state: AccountState,
  commands: readonly Command<unknown>[],
): DecidedAccount {
  const { scope, now } = state;
  const start = state.account;
  const advanced = start === null ? null : advanceAccount(start, now);
  const draft: Draft = {
    account: advanced?.account ?? null,
    entries: [],
    events: [],
    storedResults: new Map(),
    newBalances: [],
    entities: [],
    keysUnused: new Set(),
    completions: [],
    wrote: false,
  };
  for (const entry of advanced?.entries ?? []) draft.entries.push(draftOf(entry, null));
  for (const command of commands) decideCommand(command, state, draft);

  return {
    scope,
    account: after(start, draft),
    change:
      start === null || advanced === null
        ? null
        : changeOf(state, start, commands, draft, advanced),
    newBalances:
      draft.newBalances.length === 0 ? NOTHING : latest(draft.newBalances, draft.account),
    entities: draft.entities,
    complete: (recordedAt) => {
      for (const complete of draft.completions) complete(recordedAt);
    },
  };
}

const NOTHING = [] as const;

/** Written out, because every event passes here and a spread takes the engine many times as long. */
function draftOf(entry: LedgerEntry, event: EventDraft | null): EntryDraft {
  return {
    balanceId: entry.balanceId,
    seq: entry.seq,
    kind: entry.kind,
    amount: entry.amount,
    grantedAfter: entry.grantedAfter,
    usedAfter: entry.usedAfter,
    effectiveAt: entry.effectiveAt,
    event,
  };
}

type Bounds = { readonly changedAt: Instant | null; readonly changesAt: Instant | null };

function changeOf(
  { scope, catalog, now }: AccountState,
  start: Account,
  commands: readonly Command<unknown>[],
  draft: Draft,
  bounds: Bounds,
): AccountChange {
  const { wrote, account, storedResults, keysUnused } = draft;
  const window = windowOf(commands, now, bounds.changedAt, nextChange(draft, now, bounds));
  return {
    projectId: scope.projectId,
    customerKey: scope.customerKey,
    version: start.version,
    catalogVersion: catalog.version,
    validFrom: window.validFrom,
    validUntil: window.validUntil,
    writes: writesOf(draft),
    events: draft.events,
    // What has come due is persisted by the next write, not by a look.
    entries: wrote ? draft.entries : NOTHING,
    balances: wrote && account !== null ? changedBalances(start, account) : NOTHING,
    storedResults: storedResults.size === 0 ? NOTHING : [...storedResults.values()],
    keysUnused: keysUnused.size === 0 ? NOTHING : [...keysUnused],
  };
}

/** New balances change by themselves too, and commands after their creation use them. */
function nextChange({ newBalances }: Draft, now: Instant, { changesAt }: Bounds): Instant | null {
  return newBalances.reduce(
    (next, balance) => earliest(next, advance(balance, now).changesAt),
    changesAt,
  );
}

/** A refusal that is stored under its key is a write too. */
function writesOf(draft: Draft): boolean {
  return draft.wrote || draft.storedResults.size > 0;
}

function changedBalances(start: Account, end: Account): BalanceChange[] {
  const changes: BalanceChange[] = [];
  for (const [index, before] of start.balances.entries()) {
    // Balances keep their places, and new ones come after them.
    const balance = end.balances[index];
    if (balance === undefined || balance === before) continue;
    assert(balance.id === before.id, 'balances keep their places');
    changes.push({ balance, isReshaped: isReshaped(before, balance) });
  }
  return changes;
}

function isReshaped(before: Balance, after: Balance): boolean {
  return (
    after.granted !== before.granted ||
    after.rollovers !== before.rollovers ||
    after.nextResetAt !== before.nextResetAt ||
    after.expiredAt !== before.expiredAt
  );
}

/** New balances as the commands after their creation left them. */
function latest(created: readonly Balance[], account: Account | null): Balance[] {
  return created.map((balance) => account?.balances.find(({ id }) => id === balance.id) ?? balance);
}

interface Draft {
  account: Account | null;
  readonly entries: EntryDraft[];
  readonly events: EventDraft[];
  readonly storedResults: Map<string, StoredResultDraft>;
  readonly newBalances: Balance[];
  readonly entities: EntityChange[];
  readonly keysUnused: Set<string>;
  readonly completions: ((recordedAt: Instant) => void)[];
  wrote: boolean;
}

/** R17, in the order of precedence: the first result again, not-found, conflict, and only then a decision. */
function decideCommand(command: Command<unknown>, state: AccountState, draft: Draft): void {
  const { idempotency } = command;
  const key = idempotency?.key ?? null;
  const stored = key === null ? undefined : state.storedResults.get(key);
  const earlier = stored ?? (key === null ? undefined : draft.storedResults.get(key));
  if (key !== null && stored === undefined) draft.keysUnused.add(key);
  const difference =
    earlier === undefined || idempotency === null
      ? null
      : firstDifference(earlier.fingerprint, idempotency.fingerprint);

  if (earlier !== undefined && difference === null) {
    const result: unknown =
      stored === undefined ? JSON.parse(String(earlier.result)) : stored.result;
    draft.completions.push((recordedAt) =>
      command.complete(() => command.replay(result, stored?.recordedAt ?? recordedAt)),
    );
    return;
  }
  const facts = { account: draft.account, catalog: state.catalog, now: state.now };
  const refusal =
    command.refuse(facts) ??
    (key !== null && difference !== null ? idempotencyConflict(key, difference) : null);
  if (refusal !== null) {
    draft.completions.push(() => command.complete(() => refuse(refusal)));
    return;
  }
  const account = present(draft.account, 'a command refuses a customer that does not exist');
  apply(command, draft, account, facts, idempotency);
}

function apply(
  command: Command<unknown>,
  draft: Draft,
  account: Account,
  facts: Facts,
  idempotency: Idempotency | null,
): void {
  const decision = command.decide(account, facts);
  const { changes } = decision;
  draft.completions.push((recordedAt) => command.complete(() => decision.result(recordedAt)));
  if (idempotency !== null) {
    const { key, fingerprint } = idempotency;
    const result = decision.storedResult();
    draft.storedResults.set(key, { idempotencyKey: key, fingerprint, result });
  }
  if (changes === null) return;
  const { event } = changes;
  draft.wrote = true;
  draft.account = changes.account;
  for (const entry of changes.entries) draft.entries.push(draftOf(entry, event));
  if (event !== null) draft.events.push(event);
  if (changes.newBalances.length > 0) draft.newBalances.push(...changes.newBalances);
  if (changes.entity !== null) draft.entities.push(changes.entity);
}

function after(start: Account | null, draft: Draft): Account | null {
  if (start === null || draft.account === null) return null;
  if (!writesOf(draft)) return start;
  const { customerKey, customerId, entities, balances } = draft.wrote ? draft.account : start;
  const hasExpired = balances.some(({ expiredAt }) => expiredAt !== null);
  return {
    customerKey,
    customerId,
    version: start.version + 1,
    balances: hasExpired ? balances.filter(({ expiredAt }) => expiredAt === null) : balances,
    entities,
  };
}

/** From when until when the database's clock may stand for the decision to be the one it would make itself. */
function windowOf(
  commands: readonly Command<unknown>[],
  now: Instant,
  changedAt: Instant | null,
  changesAt: Instant | null,
): { validFrom: Instant | null; validUntil: Instant | null } {
  let validFrom = changedAt;
  let validUntil = changesAt;
  for (const { decisionChangesAt } of commands) {
    if (decisionChangesAt === null) continue;
    if (decisionChangesAt > now) validUntil = earliest(validUntil, decisionChangesAt);
    else validFrom = Math.max(validFrom ?? decisionChangesAt, decisionChangesAt);
  }
  return { validFrom, validUntil };
}
