import { present } from '../../domain/assert.js';
import type { Catalog } from '../../domain/feature.js';
import type { Instant } from '../../domain/interval.js';
import { HeldError, UnavailableError } from '../../domain/unavailable.js';
import type { CustomerScope } from '../store.js';
import type { Memory } from './account-cache.js';
import { type DecidedAccount, decideAccount } from './decide-account.js';
import type { Job } from './job.js';
import type {
  AccountChange,
  Loaded,
  LoadOptions,
  StoredAnswer,
  Transaction,
  WritePath,
} from './write-path.js';

/** The jobs of one customer in a batch, in order of arrival. */
export interface Group {
  readonly scope: CustomerScope;
  readonly jobs: readonly Job[];
}

/** What a commit settled, and the groups that it left out because they had moved on or were locked. */
export interface Settled {
  readonly decided: readonly DecidedAccount[];
  readonly now: Instant;
  readonly leftOut: readonly Group[];
}

/** Decides groups and commits what was decided, or rejects with nothing committed. */
export type CommitGroups = (groups: readonly Group[]) => Promise<Settled>;

/** How often groups are decided anew because the clock or the catalogue passed them by under their locks. */
const LOCKED_ATTEMPTS_MAX = 5;

const NO_ANSWERS: ReadonlyMap<string, StoredAnswer> = new Map();

/** On what is remembered, in one statement that proves the memory right or leaves the customer out. */
export function commitRemembered(store: WritePath, memory: Memory): CommitGroups {
  return async (groups) => {
    const now = present(memory.now(), 'the clock is known where accounts are remembered');
    const decided = groups.map(({ scope, jobs }) =>
      decideAccount(
        {
          scope,
          account: present(memory.account(scope.customerKey), 'the account is remembered'),
          catalog: present(memory.catalog(scope.projectId), 'the catalogue is remembered'),
          now,
          answers: NO_ANSWERS,
        },
        jobs,
      ),
    );
    return commitDecided(decided, groups, now, store);
  };
}

/**
 * On what is read first, without a lock, in one statement; then as above. Half as many round trips as a transaction,
 * and it holds no lock while it decides.
 */
export function commitRead(store: WritePath, memory: Memory): CommitGroups {
  return async (groups) => {
    const catalogs = await catalogsOf(groups, store, memory);
    const loaded = await store.load(groups.map(wantedOf));
    if (!areCurrent(catalogs, loaded)) {
      for (const { scope } of groups) memory.forgetCatalog(scope.projectId);
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
): Promise<Settled> {
  const changes = decided.flatMap(changeOf);
  if (changes.length === 0) return { decided, now, leftOut: [] };
  const committed = await store.commit(changes);
  const isSettled = ({ change }: DecidedAccount) =>
    change === null || committed.customerKeys.has(change.customerKey);
  return {
    decided: decided.filter(isSettled),
    now: committed.now,
    leftOut: groups.filter((_, index) => {
      const account = decided[index];
      return account !== undefined && !isSettled(account);
    }),
  };
}

/** In one transaction that locks the customers and reads them; leaves out those whom somebody else does not let go. */
export function commitLocked(store: WritePath, memory: Memory): CommitGroups {
  const commitWaiting = commitInTransaction(store, memory, { passOverHeld: false });
  const commitRest = commitFree(store, memory);
  return (groups) =>
    commitWaiting(groups).catch((error: unknown) => {
      if (error instanceof HeldError) return commitRest(groups);
      throw error;
    });
}

/** The same without waiting for anybody. */
export function commitFree(store: WritePath, memory: Memory): CommitGroups {
  return commitInTransaction(store, memory, { passOverHeld: true });
}

function commitInTransaction(store: WritePath, memory: Memory, options: LoadOptions): CommitGroups {
  return async (groups) => {
    for (let attempt = 1; attempt <= LOCKED_ATTEMPTS_MAX; attempt += 1) {
      // Read before the transaction, which may hold the only connection.
      const catalogs = await catalogsOf(groups, store, memory);
      const settled = await store
        .transaction((transaction) => decideLocked(groups, catalogs, transaction, options))
        .catch(unlessPassedBy);
      if (settled !== null) return settled;
      for (const { scope } of groups) memory.forgetCatalog(scope.projectId);
    }
    throw new UnavailableError('OVERLOADED');
  };
}

async function catalogsOf(
  groups: readonly Group[],
  store: WritePath,
  memory: Memory,
): Promise<ReadonlyMap<string, Catalog>> {
  const catalogs = new Map<string, Catalog>();
  for (const { projectId } of groups.map(({ scope }) => scope)) {
    if (catalogs.has(projectId)) continue;
    const catalog = memory.catalog(projectId) ?? (await store.catalog(projectId));
    memory.rememberCatalog(projectId, catalog);
    catalogs.set(projectId, catalog);
  }
  return catalogs;
}

/** Thrown out of a transaction to roll it back: what it decided on has changed since. */
class PassedByError extends Error {}

function unlessPassedBy(error: unknown): null {
  if (error instanceof PassedByError) return null;
  throw error;
}

async function decideLocked(
  groups: readonly Group[],
  catalogs: ReadonlyMap<string, Catalog>,
  transaction: Transaction,
  options: LoadOptions,
): Promise<Settled> {
  const loaded = await transaction.load(groups.map(wantedOf), options);
  if (!areCurrent(catalogs, loaded)) throw new PassedByError();
  const isHeld = ({ scope }: Group) => loaded.held.has(scope.customerKey);
  const leftOut = groups.filter(isHeld);
  const decided = groups
    .filter((group) => !isHeld(group))
    .map((group) => decideLoaded(group, catalogs, loaded));
  const changes = decided.flatMap(changeOf).filter(({ writes }) => writes);
  if (changes.length === 0) return { decided, now: loaded.now, leftOut };
  for (const account of decided) await writeRows(account, transaction, loaded.now);
  const committed = await transaction.commit(changes);
  if (committed.customerKeys.size < changes.length) throw new PassedByError();
  return { decided, now: committed.now, leftOut };
}

function areCurrent(catalogs: ReadonlyMap<string, Catalog>, { catalogVersions }: Loaded): boolean {
  return [...catalogVersions].every(([id, version]) => catalogs.get(id)?.version === version);
}

function decideLoaded(
  { scope, jobs }: Group,
  catalogs: ReadonlyMap<string, Catalog>,
  { accounts, answers, now }: Loaded,
): DecidedAccount {
  const known = {
    scope,
    account: accounts.get(scope.customerKey) ?? null,
    catalog: present(catalogs.get(scope.projectId), 'the catalogue has been read'),
    now,
    answers: answers.get(scope.customerKey) ?? NO_ANSWERS,
  };
  return decideAccount(known, jobs);
}

function wantedOf({ scope, jobs }: Group) {
  return {
    ...scope,
    entityIds: jobs.flatMap(({ command }) => command.entityId ?? []),
    idempotencyKeys: jobs.flatMap(({ command }) => command.idempotency?.key ?? []),
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
