import { present } from '../domain/assert.js';
import type { Catalog } from '../domain/feature.js';
import type { Instant } from '../domain/interval.js';
import { UnavailableError } from '../domain/unavailable.js';
import { type DecidedAccount, decideAccount } from './decide-account.js';
import type { Job } from './job.js';
import type { Memory } from './memory.js';
import type {
  AccountChange,
  CustomerScope,
  StoredAnswer,
  Transaction,
  WritePath,
} from './store.js';

/** The jobs of one customer in a batch, in order of arrival. */
interface Group {
  readonly scope: CustomerScope;
  readonly jobs: readonly Job[];
}

/** What a commit settled, and the groups that it left out because they had moved on. */
interface Settled {
  readonly decided: readonly DecidedAccount[];
  readonly now: Instant;
  readonly stale: readonly Group[];
}

/** How often a batch is decided anew because the clock or the catalogue passed it by under its locks. */
const LOCKED_ATTEMPTS_MAX = 5;

const NO_ANSWERS: ReadonlyMap<string, StoredAnswer> = new Map();

/** Commits batches of jobs. */
export interface Batches {
  /** Answers every job; never rejects. */
  run(jobs: readonly Job[]): Promise<void>;
}

/**
 * Customers that are remembered are decided at once and committed in one statement that proves the memory right. The
 * others, and those whose memory was not right, are locked, read and decided in one transaction.
 */
export function createBatches(store: WritePath, memory: Memory): Batches {
  async function run(jobs: readonly Job[]): Promise<void> {
    const { remembered, unknown } = split(jobs, memory);
    await Promise.all([
      answer(unknown, commitLocked),
      answer(remembered, commitRemembered).then((stale) => answer(stale, commitLocked)),
    ]);
  }

  /** Answers the groups with what the commit decides, or with its failure; gives back those left out. */
  async function answer(
    groups: readonly Group[],
    commit: (groups: readonly Group[]) => Promise<Settled>,
  ): Promise<readonly Group[]> {
    if (groups.length === 0) return [];
    let settled: Settled;
    try {
      settled = await commit(groups);
    } catch (error) {
      for (const { scope } of groups) memory.forget(scope.customerKey);
      await answerFailure(groups, error);
      return [];
    }
    memory.sawClock(settled.now);
    for (const { account, settle } of settled.decided) {
      if (account !== null) memory.remember(account);
      settle(settled.now);
    }
    for (const { scope } of settled.stale) memory.forget(scope.customerKey);
    return settled.stale;
  }

  /** An item that the database refuses must not harm the others, so each is tried by itself. */
  async function answerFailure(groups: readonly Group[], error: unknown): Promise<void> {
    const jobs = groups.flatMap((group) => group.jobs);
    if (error instanceof UnavailableError || jobs.length === 1) {
      for (const job of jobs) job.fail(error);
      return;
    }
    for (const job of jobs) await answer([{ scope: job.command.scope, jobs: [job] }], commitLocked);
  }

  async function commitRemembered(groups: readonly Group[]): Promise<Settled> {
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
    const committed = await store.commit(decided.flatMap(changeOf));
    const isCommitted = ({ scope }: { readonly scope: CustomerScope }) =>
      committed.customerKeys.has(scope.customerKey);
    return {
      decided: decided.filter(isCommitted),
      now: committed.now,
      stale: groups.filter((group) => !isCommitted(group)),
    };
  }

  async function commitLocked(groups: readonly Group[]): Promise<Settled> {
    for (let attempt = 1; attempt <= LOCKED_ATTEMPTS_MAX; attempt += 1) {
      // Read before the transaction, which may hold the only connection.
      const catalogs = await catalogsOf(groups);
      const settled = await store
        .transaction((transaction) => decideLocked(groups, catalogs, transaction))
        .catch(unlessPassedBy);
      if (settled !== null) return settled;
      for (const { scope } of groups) memory.forgetCatalog(scope.projectId);
    }
    throw new UnavailableError('OVERLOADED');
  }

  async function catalogsOf(groups: readonly Group[]): Promise<ReadonlyMap<string, Catalog>> {
    const catalogs = new Map<string, Catalog>();
    for (const { projectId } of groups.map(({ scope }) => scope)) {
      if (catalogs.has(projectId)) continue;
      const catalog = memory.catalog(projectId) ?? (await store.catalog(projectId));
      memory.rememberCatalog(projectId, catalog);
      catalogs.set(projectId, catalog);
    }
    return catalogs;
  }

  return { run };
}

function split(
  jobs: readonly Job[],
  memory: Memory,
): { remembered: readonly Group[]; unknown: readonly Group[] } {
  const groups = new Map<string, { scope: CustomerScope; jobs: Job[] }>();
  for (const job of jobs) {
    const { scope } = job.command;
    const group = groups.get(scope.customerKey);
    if (group === undefined) groups.set(scope.customerKey, { scope, jobs: [job] });
    else group.jobs.push(job);
  }
  const remembered: Group[] = [];
  const unknown: Group[] = [];
  for (const group of groups.values()) {
    (isRemembered(group, memory) ? remembered : unknown).push(group);
  }
  return { remembered, unknown };
}

function isRemembered({ scope, jobs }: Group, memory: Memory): boolean {
  const account = memory.account(scope.customerKey);
  if (account === undefined || memory.now() === null) return false;
  if (memory.catalog(scope.projectId) === undefined) return false;
  return jobs.every(
    ({ command: { structural, entityId } }) =>
      !structural && (entityId === null || account.entityIds.has(entityId)),
  );
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
): Promise<Settled> {
  const loaded = await transaction.load(groups.map(wantedOf));
  for (const [projectId, version] of loaded.catalogVersions) {
    if (catalogs.get(projectId)?.version !== version) throw new PassedByError();
  }
  const decided = groups.map(({ scope, jobs }) =>
    decideAccount(
      {
        scope,
        account: loaded.accounts.get(scope.customerKey) ?? null,
        catalog: present(catalogs.get(scope.projectId), 'the catalogue has been read'),
        now: loaded.now,
        answers: loaded.answers.get(scope.customerKey) ?? NO_ANSWERS,
      },
      jobs,
    ),
  );
  const changes = decided.flatMap(changeOf).filter(({ writes }) => writes);
  if (changes.length === 0) return { decided, now: loaded.now, stale: [] };
  for (const account of decided) await writeRows(account, transaction, loaded.now);
  const committed = await transaction.commit(changes);
  if (committed.customerKeys.size < changes.length) throw new PassedByError();
  return { decided, now: committed.now, stale: [] };
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
