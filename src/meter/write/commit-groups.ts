import { present } from '../../domain/assert.js';
import type { Catalog } from '../../domain/feature.js';
import type { Instant } from '../../domain/interval.js';
import { LockTimeoutError, UnavailableError } from '../../domain/unavailable.js';
import type { CustomerScope } from '../store.js';
import type { AccountCache } from './account-cache.js';
import type { Command } from './command.js';
import { type DecidedAccount, decideAccount } from './decide-account.js';
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
}

/** What was committed, and the groups that it left out because they had moved on or were locked. */
export interface Committed {
  readonly decided: readonly DecidedAccount[];
  readonly now: Instant;
  readonly leftOut: readonly Group[];
}

/** Decides groups and commits what was decided, or rejects with nothing committed. */
export type CommitGroups = (groups: readonly Group[]) => Promise<Committed>;

/** How often groups are decided anew because the clock or the catalogue went on under their locks. */
const LOCKED_ATTEMPTS_MAX = 5;

const NO_RESULTS: ReadonlyMap<string, StoredResult> = new Map();

/** On what is cached, in one statement that proves the cache right or leaves the customer out. */
export function commitCached(store: WritePath, cache: AccountCache): CommitGroups {
  return async (groups) => {
    const now = present(cache.now(), 'the clock is known where accounts are cached');
    const decided = groups.map(({ scope, commands }) =>
      decideAccount(
        {
          scope,
          account: present(cache.get(scope.customerKey), 'the account is cached'),
          catalog: present(cache.catalog(scope.projectId), 'the catalogue is cached'),
          now,
          storedResults: NO_RESULTS,
        },
        commands,
      ),
    );
    return commitDecided(decided, groups, now, store);
  };
}

/**
 * On what is read first, without a lock, in one statement; then as above. Half as many round trips as a transaction,
 * and it holds no lock while it decides.
 */
export function commitLoaded(store: WritePath, cache: AccountCache): CommitGroups {
  return async (groups) => {
    const catalogs = await catalogsOf(groups, store, cache);
    const loaded = await store.load(groups.map(loadRequestOf));
    if (!areCurrent(catalogs, loaded)) {
      for (const { scope } of groups) cache.deleteCatalog(scope.projectId);
      return { decided: [], now: loaded.now, leftOut: groups };
    }
    const decided = groups.map((group) => decideLoaded(group, catalogs, loaded));
    return commitDecided(decided, groups, loaded.now, store);
  };
}

/** Commits what was decided without a lock. Of a customer that does not exist there is nothing to commit or to prove. */
async function commitDecided(
  decided: readonly DecidedAccount[],
  groups: readonly Group[],
  now: Instant,
  store: WritePath,
): Promise<Committed> {
  const changes = decided.flatMap(changeOf);
  if (changes.length === 0) return { decided, now, leftOut: [] };
  const committed = await store.commit(changes);
  const isCommitted = ({ change }: DecidedAccount) =>
    change === null || committed.customerKeys.has(change.customerKey);
  return {
    decided: decided.filter(isCommitted),
    now: committed.now,
    leftOut: groups.filter((_, index) => {
      const account = decided[index];
      return account !== undefined && !isCommitted(account);
    }),
  };
}

/** In one transaction that locks the customers and reads them; leaves out those that are locked elsewhere. */
export function commitLocked(store: WritePath, cache: AccountCache): CommitGroups {
  const commitWaiting = commitInTransaction(store, cache, { skipLocked: false });
  const commitRest = commitSkippingLocked(store, cache);
  return (groups) =>
    commitWaiting(groups).catch((error: unknown) => {
      if (error instanceof LockTimeoutError) return commitRest(groups);
      throw error;
    });
}

/** The same without waiting for anybody. */
export function commitSkippingLocked(store: WritePath, cache: AccountCache): CommitGroups {
  return commitInTransaction(store, cache, { skipLocked: true });
}

function commitInTransaction(
  store: WritePath,
  cache: AccountCache,
  options: LoadOptions,
): CommitGroups {
  return async (groups) => {
    for (let attempt = 1; attempt <= LOCKED_ATTEMPTS_MAX; attempt += 1) {
      // Read before the transaction, which may hold the only connection.
      const catalogs = await catalogsOf(groups, store, cache);
      const committed = await store
        .transaction((transaction) => decideLocked(groups, catalogs, transaction, options))
        .catch(unlessStale);
      if (committed !== null) return committed;
      for (const { scope } of groups) cache.deleteCatalog(scope.projectId);
    }
    throw new UnavailableError('OVERLOADED');
  };
}

async function catalogsOf(
  groups: readonly Group[],
  store: WritePath,
  cache: AccountCache,
): Promise<ReadonlyMap<string, Catalog>> {
  const catalogs = new Map<string, Catalog>();
  for (const { projectId } of groups.map(({ scope }) => scope)) {
    if (catalogs.has(projectId)) continue;
    const catalog = cache.catalog(projectId) ?? (await store.catalog(projectId));
    cache.setCatalog(projectId, catalog);
    catalogs.set(projectId, catalog);
  }
  return catalogs;
}

/** Thrown out of a transaction to roll it back: what it decided on has changed since. */
class StaleDecisionError extends Error {}

function unlessStale(error: unknown): null {
  if (error instanceof StaleDecisionError) return null;
  throw error;
}

async function decideLocked(
  groups: readonly Group[],
  catalogs: ReadonlyMap<string, Catalog>,
  transaction: Transaction,
  options: LoadOptions,
): Promise<Committed> {
  const loaded = await transaction.load(groups.map(loadRequestOf), options);
  if (!areCurrent(catalogs, loaded)) throw new StaleDecisionError();
  const isLocked = ({ scope }: Group) => loaded.lockedElsewhere.has(scope.customerKey);
  const leftOut = groups.filter(isLocked);
  const decided = groups
    .filter((group) => !isLocked(group))
    .map((group) => decideLoaded(group, catalogs, loaded));
  const changes = decided.flatMap(changeOf).filter(({ writes }) => writes);
  if (changes.length === 0) return { decided, now: loaded.now, leftOut };
  for (const account of decided) await writeRows(account, transaction, loaded.now);
  const committed = await transaction.commit(changes);
  if (committed.customerKeys.size < changes.length) throw new StaleDecisionError();
  return { decided, now: committed.now, leftOut };
}

function areCurrent(catalogs: ReadonlyMap<string, Catalog>, { catalogVersions }: Loaded): boolean {
  return [...catalogVersions].every(([id, version]) => catalogs.get(id)?.version === version);
}

function decideLoaded(
  { scope, commands }: Group,
  catalogs: ReadonlyMap<string, Catalog>,
  { accounts, storedResults, now }: Loaded,
): DecidedAccount {
  const state = {
    scope,
    account: accounts.get(scope.customerKey) ?? null,
    catalog: present(catalogs.get(scope.projectId), 'the catalogue has been read'),
    now,
    storedResults: storedResults.get(scope.customerKey) ?? NO_RESULTS,
  };
  return decideAccount(state, commands);
}

function loadRequestOf({ scope, commands }: Group): LoadRequest {
  return {
    ...scope,
    entityIds: commands.flatMap(({ entityId }) => entityId ?? []),
    idempotencyKeys: commands.flatMap(({ idempotency }) => idempotency?.key ?? []),
  };
}

function changeOf({ change }: DecidedAccount): AccountChange[] {
  return change === null ? [] : [change];
}

async function writeRows(
  { scope, newBalances, entities }: DecidedAccount,
  transaction: Transaction,
  now: Instant,
): Promise<void> {
  if (newBalances.length > 0) await transaction.insertBalances(scope, newBalances);
  for (const change of entities) {
    if (change.kind === 'SAVE') await transaction.saveEntity(scope, change.entity, now);
    else await transaction.deleteEntity(scope, change.entityId, now);
  }
}
