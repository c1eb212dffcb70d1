import { present } from '../../domain/assert.js';
import type { Catalog } from '../../domain/feature.js';
import type { Instant } from '../../domain/interval.js';
import { LockTimeoutError, UnavailableError } from '../../domain/unavailable.js';
import type { CatalogCache } from '../catalog-cache.js';
import type { CustomerScope, UsageEvent } from '../store.js';
import type { AccountCache } from './account-cache.js';
import type { Command } from './command.js';
import type { DatabaseClock } from './database-clock.js';
import { type DecidedAccount, decideAccount, undecided } from './decide-account.js';
import { noteGuardFailures } from './guard-failures.js';
import type { WriteFigures } from './write-figures.js';
import type {
  AccountChange,
  Loaded,
  LoadOptions,
  LoadRequest,
  StoredResult,
  Transaction,
  WritePath,
} from './write-path.js';

/** The commands of one customer in a batch, in order of arrival. */
export interface Group {
  readonly scope: CustomerScope;
  readonly commands: readonly Command<unknown>[];
  /** What could not be committed of it, because its guard did not hold. */
  readonly failed?: AccountChange;
}

/** What was committed, and the groups that were skipped because they had changed or were locked. */
export interface Committed {
  readonly decided: readonly DecidedAccount[];
  readonly now: Instant;
  readonly leftOut: readonly Group[];
}

/** Decides groups and commits what was decided, or rejects with nothing committed. */
export type CommitGroups = (groups: readonly Group[]) => Promise<Committed>;

/** What all of them work with. */
export interface CommitParts {
  readonly store: WritePath;
  readonly accounts: AccountCache;
  /** Of the place that the batch is of. */
  readonly clock: DatabaseClock;
  readonly catalogs: CatalogCache;
  /** A number that no customer has had for a version. */
  readonly newVersion: () => number;
  readonly figures: WriteFigures;
}

/** How often groups are decided again because the clock or the catalogue advanced while they were locked. */
const LOCKED_ATTEMPTS_MAX = 5;

const NO_RESULTS: ReadonlyMap<string, StoredResult> = new Map();

const NO_EVENTS: ReadonlyMap<string, UsageEvent> = new Map();

/** On what is cached, in one statement that verifies the cache or skips the customer. */
export function commitCached(parts: CommitParts): CommitGroups {
  const { store, accounts, clock, catalogs, newVersion } = parts;
  return async (groups) => {
    const nextVersion = newVersion();
    const now = present(clock.now(), 'the clock is known where accounts are cached');
    const decided = groups.map(({ scope, commands }) =>
      decideAccount(
        {
          scope,
          account: present(accounts.get(scope.customerKey), 'the account is cached'),
          catalog: present(catalogs.get(scope.projectId), 'the catalogue is cached'),
          now,
          storedResults: NO_RESULTS,
          events: NO_EVENTS,
          nextVersion,
        },
        commands,
      ),
    );
    return commitDecided({ decided, groups, now, nextVersion, store });
  };
}

/**
 * On what is read first, without a lock, in one statement; then as above. Half as many round trips as a transaction,
 * and it holds no lock while it decides.
 */
export function commitLoaded(parts: CommitParts): CommitGroups {
  const { store, accounts, catalogs, newVersion, figures } = parts;
  return async (groups) => {
    const current = await catalogsOf(groups, catalogs);
    const loaded = await store.load(groups.map(loadRequestOf));
    noteGuardFailures(groups, loaded, figures);
    const isStale = ({ scope }: Group) => !isCurrent(scope.projectId, current, loaded);
    const stale = groups.filter(isStale);
    for (const { scope } of stale) catalogs.delete(scope.projectId);
    const others = groups.filter((group) => !isStale(group));
    const { now } = loaded;
    const nextVersion = newVersion();
    const decideEach = deciding({ loaded, catalogs: current, accounts, nextVersion });
    const decided = others.map(decideEach);
    const committed = await commitDecided({ decided, groups: others, now, nextVersion, store });
    return { ...committed, leftOut: [...committed.leftOut, ...stale.map(noted)] };
  };
}

/** Commits what was decided without a lock. For a customer that does not exist there is nothing to commit or to verify. */
async function commitDecided(draft: {
  readonly decided: readonly DecidedAccount[];
  readonly groups: readonly Group[];
  readonly now: Instant;
  readonly nextVersion: number;
  readonly store: WritePath;
}): Promise<Committed> {
  const { decided, groups, now, nextVersion, store } = draft;
  const changes = decided.flatMap(changeOf);
  if (changes.length === 0) return { decided, now, leftOut: [] };
  const committed = await store.commit(changes, nextVersion);
  const isCommitted = ({ change }: DecidedAccount) =>
    change === null || committed.customerKeys.has(change.customerKey);
  return {
    decided: decided.filter(isCommitted),
    now: committed.now,
    leftOut: groups.flatMap((group, index) => {
      const account = decided[index];
      if (account === undefined || account.change === null || isCommitted(account)) return [];
      return [{ ...group, failed: account.change }];
    }),
  };
}

/** In one transaction that locks the customers and reads them; skips those that are locked elsewhere. */
export function commitLocked(parts: CommitParts): CommitGroups {
  const commitWaiting = commitInTransaction(parts, { skipLocked: false });
  const commitRest = commitSkippingLocked(parts);
  return (groups) =>
    commitWaiting(groups).catch((error: unknown) => {
      if (error instanceof LockTimeoutError) return commitRest(groups);
      throw error;
    });
}

/** The same without waiting for locks. */
export function commitSkippingLocked(parts: CommitParts): CommitGroups {
  return commitInTransaction(parts, { skipLocked: true });
}

function commitInTransaction(parts: CommitParts, options: LoadOptions): CommitGroups {
  const { store, accounts, catalogs, newVersion, figures } = parts;
  return async (given) => {
    let groups = given;
    const { customerKey } = present(given[0], 'a batch has commands').scope;
    for (let attempt = 1; attempt <= LOCKED_ATTEMPTS_MAX; attempt += 1) {
      // Read before the transaction, which may use the only connection.
      const current = await catalogsOf(groups, catalogs);
      const known = { catalogs: current, accounts, figures, nextVersion: newVersion() };
      const committed = await store
        .transaction(customerKey, (transaction) =>
          decideLocked(groups, { ...known, transaction, options }),
        )
        .catch(unlessStale);
      if (committed !== null) return committed;
      for (const { scope } of groups) catalogs.delete(scope.projectId);
      groups = given.map(noted);
    }
    throw new UnavailableError('WRITE_CONTENTION');
  };
}

/** Its failure has been noted. */
function noted({ scope, commands }: Group): Group {
  return { scope, commands };
}

async function catalogsOf(
  groups: readonly Group[],
  catalogs: CatalogCache,
): Promise<ReadonlyMap<string, Catalog>> {
  const found = new Map<string, Catalog>();
  for (const { scope } of groups) {
    const { projectId } = scope;
    if (!found.has(projectId)) found.set(projectId, await catalogs.find(projectId));
  }
  return found;
}

/** Thrown out of a transaction to roll it back: what it decided on has changed since. */
class StaleDecisionError extends Error {}

function unlessStale(error: unknown): null {
  if (error instanceof StaleDecisionError) return null;
  throw error;
}

interface Known {
  readonly catalogs: ReadonlyMap<string, Catalog>;
  readonly accounts: AccountCache;
  readonly nextVersion: number;
}

interface Locked extends Known {
  readonly transaction: Transaction;
  readonly options: LoadOptions;
  readonly figures: WriteFigures;
}

async function decideLocked(
  groups: readonly Group[],
  { transaction, options, figures, ...known }: Locked,
): Promise<Committed> {
  const loaded = await transaction.load(groups.map(loadRequestOf), options);
  noteGuardFailures(groups, loaded, figures);
  const isFresh = ({ scope }: Group) => isCurrent(scope.projectId, known.catalogs, loaded);
  if (!groups.every(isFresh)) throw new StaleDecisionError();
  const isLocked = ({ scope }: Group) => loaded.lockedElsewhere.has(scope.customerKey);
  const leftOut = groups.filter(isLocked);
  const decided = groups.filter((group) => !isLocked(group)).map(deciding({ ...known, loaded }));
  const changes = decided.flatMap(changeOf).filter(({ writes }) => writes);
  if (changes.length === 0) return { decided, now: loaded.now, leftOut };
  const committed = await transaction.commit(changes, known.nextVersion);
  if (committed.customerKeys.size < changes.length) throw new StaleDecisionError();
  return { decided, now: committed.now, leftOut };
}

/** Whether the catalogue is the one that the project had when its customers were read. */
function isCurrent(
  projectId: string,
  catalogs: ReadonlyMap<string, Catalog>,
  { catalogVersions }: Loaded,
): boolean {
  const version = catalogVersions.get(projectId);
  return version === undefined || catalogs.get(projectId)?.version === version;
}

/** Decides groups on what has been read. */
function deciding({
  loaded,
  catalogs,
  accounts,
  nextVersion,
}: Known & { readonly loaded: Loaded }) {
  return ({ scope, commands }: Group): DecidedAccount => {
    const unreadable = loaded.unreadable?.get(scope.customerKey);
    if (unreadable !== undefined) return undecided(scope, commands, unreadable);
    const account = loaded.accounts.get(scope.customerKey);
    const state = {
      scope,
      account: account === undefined ? null : accounts.withKnownEntities(account),
      catalog: present(catalogs.get(scope.projectId), 'the catalogue has been read'),
      now: loaded.now,
      storedResults: loaded.storedResults.get(scope.customerKey) ?? NO_RESULTS,
      events: loaded.events?.get(scope.customerKey) ?? NO_EVENTS,
      nextVersion,
    };
    return decideAccount(state, commands);
  };
}

function loadRequestOf({ scope, commands }: Group): LoadRequest {
  const reservationIds = distinct(commands.map(({ reservationId }) => reservationId));
  const eventIds = distinct(commands.flatMap(({ eventIds }) => eventIds));
  const balanceIds = distinct(commands.map(({ balanceId }) => balanceId));
  return {
    ...scope,
    ...(balanceIds.length > 0 && { balanceIds }),
    ...(reservationIds.length > 0 && { reservationIds }),
    ...(eventIds.length > 0 && { eventIds }),
    entityIds: distinct(commands.map(({ entityId }) => entityId)),
    idempotencyKeys: distinct(commands.map(({ idempotency }) => idempotency?.key ?? null)),
  };
}

function distinct(texts: readonly (string | null)[]): string[] {
  return [...new Set(texts.filter((text) => text !== null))];
}

function changeOf({ change }: DecidedAccount): AccountChange[] {
  return change === null ? [] : [change];
}
