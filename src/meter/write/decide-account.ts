import { type Account, advanceAccount } from '../../domain/account.js';
import { advance, earliest } from '../../domain/advance.js';
import { assert } from '../../domain/assert.js';
import type { Balance, LedgerEntry } from '../../domain/balance.js';
import type { Catalog } from '../../domain/feature.js';
import { firstDifference } from '../../domain/idempotency.js';
import type { Instant } from '../../domain/interval.js';
import { idempotencyConflict } from '../../domain/refusal.js';
import type { CustomerScope } from '../store.js';
import type { EntityChange } from './command.js';
import type { Job } from './job.js';
import type {
  AccountChange,
  AnswerDraft,
  BalanceChange,
  EntryDraft,
  EventDraft,
  StoredAnswer,
} from './write-path.js';

/** What is known of one customer when its jobs are decided. */
export interface Known {
  readonly scope: CustomerScope;
  readonly account: Account | null;
  readonly catalog: Catalog;
  readonly now: Instant;
  /** The answers already given, by key; empty where they were not looked up. */
  readonly answers: ReadonlyMap<string, StoredAnswer>;
}

/** The jobs of one customer, decided in order of arrival. */
export interface DecidedAccount {
  readonly scope: CustomerScope;
  /** The account after the jobs; null where the customer does not exist. */
  readonly account: Account | null;
  /** What to commit; null where the customer does not exist. */
  readonly change: AccountChange | null;
  readonly newBalances: readonly Balance[];
  readonly entities: readonly EntityChange[];
  /** Answers every job, once the change is committed. */
  settle(recordedAt: Instant): void;
}

/** Decides a customer's jobs one after the other, each on the account that the one before it left. Pure but for `settle`. */
export function decideAccount(known: Known, jobs: readonly Job[]): DecidedAccount {
  const { scope, now } = known;
  const start = known.account;
  const advanced = start === null ? null : advanceAccount(start, now);
  const draft: Draft = {
    account: advanced?.account ?? null,
    entries: [],
    events: [],
    answers: new Map(),
    newBalances: [],
    entities: [],
    keysUnused: new Set(),
    settlements: [],
    wrote: false,
  };
  for (const entry of advanced?.entries ?? []) draft.entries.push(draftOf(entry, null));
  for (const job of jobs) decideJob(job, known, draft);

  return {
    scope,
    account: after(start, draft),
    change:
      start === null || advanced === null ? null : changeOf(known, start, jobs, draft, advanced),
    newBalances:
      draft.newBalances.length === 0 ? NOTHING : latest(draft.newBalances, draft.account),
    entities: draft.entities,
    settle: (recordedAt) => {
      for (const settlement of draft.settlements) settlement(recordedAt);
    },
  };
}

const NOTHING = [] as const;

/** Written out, because every use passes here and a spread takes the engine many times as long. */
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
  known: Known,
  start: Account,
  jobs: readonly Job[],
  draft: Draft,
  bounds: Bounds,
): AccountChange {
  const { wrote, account, answers, keysUnused } = draft;
  const window = windowOf(jobs, known.now, bounds.changedAt, nextChange(draft, known.now, bounds));
  return {
    projectId: known.scope.projectId,
    customerKey: known.scope.customerKey,
    version: start.version,
    catalogVersion: known.catalog.version,
    validFrom: window.validFrom,
    validUntil: window.validUntil,
    writes: writesOf(draft),
    events: draft.events,
    // What has come due is persisted by the next write, not by a look.
    entries: wrote ? draft.entries : NOTHING,
    balances: wrote && account !== null ? changedBalances(start, account) : NOTHING,
    answers: answers.size === 0 ? NOTHING : [...answers.values()],
    keysUnused: keysUnused.size === 0 ? NOTHING : [...keysUnused],
  };
}

/** Balances that the jobs have created change by themselves too, and jobs after their creation use them. */
function nextChange({ newBalances }: Draft, now: Instant, { changesAt }: Bounds): Instant | null {
  return newBalances.reduce(
    (next, balance) => earliest(next, advance(balance, now).changesAt),
    changesAt,
  );
}

/** A refusal that is remembered under its key is a write too. */
function writesOf(draft: Draft): boolean {
  return draft.wrote || draft.answers.size > 0;
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

/** New balances as the jobs after their creation left them. */
function latest(created: readonly Balance[], account: Account | null): Balance[] {
  return created.map((balance) => account?.balances.find(({ id }) => id === balance.id) ?? balance);
}

interface Draft {
  account: Account | null;
  readonly entries: EntryDraft[];
  readonly events: EventDraft[];
  readonly answers: Map<string, AnswerDraft>;
  readonly newBalances: Balance[];
  readonly entities: EntityChange[];
  readonly keysUnused: Set<string>;
  readonly settlements: ((recordedAt: Instant) => void)[];
  wrote: boolean;
}

/** R17, in the order of precedence: the first answer again, not-found, conflict, and only then a decision. */
function decideJob(job: Job, known: Known, draft: Draft): void {
  const { idempotency } = job.command;
  const key = idempotency?.key ?? null;
  const stored = key === null ? undefined : known.answers.get(key);
  const earlier = stored ?? (key === null ? undefined : draft.answers.get(key));
  if (key !== null && stored === undefined) draft.keysUnused.add(key);
  const difference =
    earlier === undefined || idempotency === null
      ? null
      : firstDifference(earlier.fingerprint, idempotency.fingerprint);

  if (earlier !== undefined && difference === null) {
    const outcome: unknown =
      stored === undefined ? JSON.parse(String(earlier.outcome)) : stored.outcome;
    draft.settlements.push((now) => job.replay(outcome, stored?.recordedAt ?? now));
    return;
  }
  const facts = { account: draft.account, catalog: known.catalog, now: known.now };
  const refusal =
    job.command.refuse(facts) ??
    (key !== null && difference !== null ? idempotencyConflict(key, difference) : null);
  if (refusal !== null || draft.account === null) {
    draft.settlements.push(() => job.refuse(refusal));
    return;
  }
  apply(job, draft, draft.account, facts, idempotency);
}

function apply(
  job: Job,
  draft: Draft,
  account: Account,
  facts: { account: Account | null; catalog: Catalog; now: Instant },
  idempotency: Job['command']['idempotency'],
): void {
  const changes = job.decide(account, facts);
  draft.settlements.push((recordedAt) => job.settle(recordedAt));
  if (idempotency !== null) {
    const { key, fingerprint } = idempotency;
    draft.answers.set(key, { idempotencyKey: key, fingerprint, outcome: job.outcome() });
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
  const { customerKey, customerId, entityIds, balances } = draft.wrote ? draft.account : start;
  const hasExpired = balances.some(({ expiredAt }) => expiredAt !== null);
  return {
    customerKey,
    customerId,
    version: start.version + 1,
    balances: hasExpired ? balances.filter(({ expiredAt }) => expiredAt === null) : balances,
    entityIds,
  };
}

/** From when until when the database's clock may stand for the decision to be the one it would make itself. */
function windowOf(
  jobs: readonly Job[],
  now: Instant,
  changedAt: Instant | null,
  changesAt: Instant | null,
): { validFrom: Instant | null; validUntil: Instant | null } {
  let validFrom = changedAt;
  let validUntil = changesAt;
  for (const { command } of jobs) {
    if (command.turnsAt === null) continue;
    if (command.turnsAt > now) validUntil = earliest(validUntil, command.turnsAt);
    else validFrom = Math.max(validFrom ?? command.turnsAt, command.turnsAt);
  }
  return { validFrom, validUntil };
}
