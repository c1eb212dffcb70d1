import { type Account, advanceAccount } from '../../domain/account.js';
import { earliest } from '../../domain/advance.js';
import { present } from '../../domain/assert.js';
import { type Balance, totalReserved } from '../../domain/balance.js';
import type { Catalog } from '../../domain/feature.js';
import { NO_HOLDS, NO_KNOWN_HOLDS } from '../../domain/hold.js';
import { type Fingerprint, firstDifference } from '../../domain/idempotency.js';
import type { Instant } from '../../domain/interval.js';
import { ZERO } from '../../domain/quantity.js';
import { idempotencyConflict, type Refusal } from '../../domain/refusal.js';
import { UnavailableError } from '../../domain/unavailable.js';
import type { CustomerScope, UsageEvent } from '../store.js';
import { fingerprintFromJson } from '../stored/fingerprint.js';
import { refuse } from '../verb.js';
import { pushBalances } from './changed-balances.js';
import { cachedHolds, firstExpiry, pushHolds } from './changed-holds.js';
import type { Command, Facts, Idempotency } from './command.js';
import { type Bounds, decisionWindow } from './decision-window.js';
import { type Due, dueOf } from './due.js';
import { entryDraft } from './entry-draft.js';
import { KnownEvents } from './known-events.js';
import { RowDraft } from './row-draft.js';
import type { AccountChange, StoredResult, StoredResultDraft } from './write-path.js';

/** What one customer's commands are decided on. */
export interface AccountState {
  readonly scope: CustomerScope;
  readonly account: Account | null;
  readonly catalog: Catalog;
  readonly now: Instant;
  /** The results already given, by key; empty if they were not looked up. */
  readonly storedResults: ReadonlyMap<string, StoredResult>;
  /** The events that commands are about, by id; empty if they were not looked up. */
  readonly events: ReadonlyMap<string, UsageEvent>;
  /** The version that the customer will have if anything is written. */
  readonly nextVersion: number;
}

/** The commands of one customer, decided in order of arrival. */
export interface DecidedAccount {
  readonly scope: CustomerScope;
  /** The account after the commands; null if the customer does not exist. */
  readonly account: Account | null;
  /** What to commit; null if the customer does not exist. */
  readonly change: AccountChange | null;
  /** How many commands get the first result of their key. */
  readonly replays: number;
  /** Gives every command its result, once the change is committed. */
  complete(recordedAt: Instant): void;
}

/** Decides a customer's commands one after the other, each on the account that the one before it left. Pure but for `complete`. */
export function decideAccount(
  state: AccountState,
  commands: readonly Command<unknown>[],
): DecidedAccount {
  try {
    return decideCommands(state, commands);
  } catch (error) {
    // An account that cannot be decided is no trouble of the others in its batch.
    if (error instanceof UnavailableError) return undecided(state.scope, commands, error);
    throw error;
  }
}

/** An account that cannot be decided: nothing is written, and its commands alone fail. */
export function undecided(
  scope: CustomerScope,
  commands: readonly Command<unknown>[],
  error: UnavailableError,
): DecidedAccount {
  return {
    scope,
    account: null,
    change: null,
    replays: 0,
    complete: () => {
      for (const command of commands) command.fail(error);
    },
  };
}

function decideCommands(
  state: AccountState,
  commands: readonly Command<unknown>[],
): DecidedAccount {
  const { scope, now } = state;
  const start = state.account;
  const advanced = start === null ? null : advanceAccount(start, now);
  const draft: Draft = {
    account: advanced?.account ?? null,
    due: dueOf(start, advanced),
    rows: new RowDraft(),
    storedResults: new Map(),
    events: new KnownEvents(state.events),
    keysUnused: new Set(),
    completions: [],
    replays: 0,
    wrote: false,
  };
  for (const entry of advanced?.entries ?? []) draft.rows.push('entries', entryDraft(entry, null));
  for (const command of commands) decideCommand(command, state, draft);

  return {
    scope,
    account: after(start, draft, state.nextVersion),
    change:
      start === null || advanced === null
        ? null
        : changeOf(state, start, commands, draft, advanced),
    replays: draft.replays,
    complete: (recordedAt) => {
      for (const complete of draft.completions) complete(recordedAt);
    },
  };
}

const NOTHING = [] as const;

function changeOf(
  { scope, catalog, now }: AccountState,
  start: Account,
  commands: readonly Command<unknown>[],
  draft: Draft,
  bounds: Bounds,
): AccountChange {
  const { wrote, account, keysUnused } = draft;
  // What has come due is persisted by the next write, not by a read.
  const rows = wrote ? draft.rows : new RowDraft();
  if (wrote && account !== null) {
    pushBalances(rows, start, account);
    pushHolds(rows, start, account);
  }
  const held =
    account === null || account.holds === start.holds ? null : firstExpiry(account.holds);
  const changesAt = earliest(bounds.changesAt, held);
  const { newBalances = NOTHING, correctedBalances = NOTHING } = rows.rows;
  const { reshapedBalances = NOTHING } = rows.rows;
  const remade = [...newBalances, ...correctedBalances, ...reshapedBalances];
  const window = decisionWindow(commands, remade, now, { ...bounds, changesAt });
  for (const result of draft.storedResults.values()) rows.push('storedResults', result);
  return {
    projectId: scope.projectId,
    customerKey: scope.customerKey,
    version: start.version,
    catalogVersion: catalog.version,
    validFrom: window.validFrom,
    validUntil: window.validUntil,
    writes: writesOf(draft),
    rows: rows.rows,
    keysUnused: keysUnused.size === 0 ? NOTHING : [...keysUnused],
  };
}

/** A refusal that is stored under its key is a write too. */
function writesOf(draft: Draft): boolean {
  return draft.wrote || draft.storedResults.size > 0;
}

interface Draft {
  account: Account | null;
  readonly due: Due | null;
  readonly rows: RowDraft;
  readonly storedResults: Map<string, StoredResultDraft>;
  readonly events: KnownEvents;
  readonly keysUnused: Set<string>;
  readonly completions: ((recordedAt: Instant) => void)[];
  replays: number;
  wrote: boolean;
}

/** R17, in the order of precedence: the first result again, not-found, conflict, and only then a decision. */
function decideCommand(command: Command<unknown>, state: AccountState, draft: Draft): void {
  const { idempotency } = command;
  const key = idempotency?.key ?? null;
  const stored = key === null ? undefined : state.storedResults.get(key);
  const drafted = key === null ? undefined : draft.storedResults.get(key);
  const earlier = stored ?? drafted;
  const { catalog, now } = state;
  const { account: before, due, events } = draft;
  const facts = { account: before, catalog, now, due, events };
  if (key !== null && stored === undefined) draft.keysUnused.add(key);
  let difference: string | null = null;
  try {
    difference = differenceOf(command, stored, drafted, state.catalog);
  } catch (error) {
    // An unreadable result of a newer release affects this caller alone.
    draft.completions.push(() => command.fail(error));
    return;
  }
  if (earlier !== undefined && difference === null) {
    const result: unknown =
      stored === undefined ? JSON.parse(String(earlier.result)) : stored.result;
    draft.replays += 1;
    draft.completions.push((recordedAt) =>
      command.complete(() => command.replay(result, stored?.recordedAt ?? recordedAt, facts)),
    );
    return;
  }
  const refusal =
    command.refuse(facts) ??
    (idempotency !== null && difference !== null ? conflictOf(idempotency, difference) : null);
  if (refusal !== null) {
    draft.completions.push(() => command.complete(() => refuse(refusal)));
    return;
  }
  const account = present(draft.account, 'a command refuses a customer that does not exist');
  apply(command, draft, account, facts, idempotency);
}

function conflictOf({ key, given = key, by }: Idempotency, difference: string): Refusal {
  return idempotencyConflict(given, difference, by);
}

/** The first field in which the call differs from the one that used its key first; null for none. */
function differenceOf(
  command: Command<unknown>,
  stored: StoredResult | undefined,
  drafted: StoredResultDraft | undefined,
  catalog: Catalog,
): string | null {
  const { idempotency } = command;
  const first =
    stored === undefined ? drafted?.fingerprint : fingerprintFromJson(stored.fingerprint);
  if (idempotency === null || first === undefined) return null;
  const inputOf = (fingerprint: Fingerprint) => command.inputOf(fingerprint, catalog);
  return firstDifference(inputOf(first), inputOf(idempotency.fingerprint));
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
  const result = idempotency === null ? null : decision.storedResult();
  if (idempotency !== null && result !== null) {
    const { key, fingerprint } = idempotency;
    draft.storedResults.set(key, { idempotencyKey: key, fingerprint, result });
  }
  if (changes === null) return;
  draft.wrote = true;
  draft.account = changes.account;
  draft.rows.add(changes.rows);
  const { eventVoids } = changes.rows;
  if (eventVoids !== undefined) draft.events.undo(eventVoids);
}

function after(start: Account | null, draft: Draft, nextVersion: number): Account | null {
  if (start === null || draft.account === null) return null;
  const { customerKey, customerId, version, entities, balances, holds } = draft.wrote
    ? draft.account
    : start;
  return {
    customerKey,
    customerId,
    version: writesOf(draft) ? nextVersion : version,
    balances: notOver(balances),
    holds: holds.length === 0 ? NO_HOLDS : cachedHolds(holds),
    ended: NO_KNOWN_HOLDS,
    entities,
  };
}

/** Those on which decisions depend, unless one names another. */
function notOver(balances: readonly Balance[]): readonly Balance[] {
  return balances.some(isOver) ? balances.filter((balance) => !isOver(balance)) : balances;
}

function isOver(balance: Balance): boolean {
  return balance.expiredAt !== null && totalReserved(balance) === ZERO;
}
