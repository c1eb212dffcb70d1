import type { Account } from '../../domain/account.js';
import { LockTimeoutError, UnavailableError } from '../../domain/unavailable.js';
import type { CustomerScope } from '../store.js';
import { knowsHold } from './changed-holds.js';
import type { Command } from './command.js';
import {
  type CommitGroups,
  type CommitParts,
  type Committed,
  commitCached,
  commitLoaded,
  commitLocked,
  commitSkippingLocked,
  type Group,
} from './commit-groups.js';
import type { WriteFigures } from './write-figures.js';

/** Commits batches of commands. */
export interface Batches {
  /** Completes every command; never rejects. */
  run(commands: readonly Command<unknown>[]): Promise<void>;
}

/** Each takes a connection, and a batch may be of hundreds of projects; one at a time, a lock would hold up all others. */
const TRANSACTIONS_MAX = 2;

/**
 * Customers that are cached are decided at once and committed in one statement that verifies the cache. Others are
 * read first, and so are those that another gateway has changed. Those that change between that and the commit,
 * and those with a command that requires it, are locked, read and decided in one transaction. A customer that is locked
 * elsewhere is waited for once, and from then on served only when it is free, so that others do not wait with it.
 */
export function createBatches(parts: CommitParts): Batches {
  const { accounts, clock, figures } = parts;
  const onCache = commitCached(parts);
  const onLoad = commitLoaded(parts);
  const underLock = commitLocked(parts);
  const skippingLocked = commitSkippingLocked(parts);

  async function run(commands: readonly Command<unknown>[]): Promise<void> {
    const groups = split(commands, parts);
    const { cached, unknown, locking, locked, yielding } = groups;
    noteWays(groups, figures);
    await Promise.all([
      lock(locked, skippingLocked),
      lock(locking, underLock),
      complete(unknown, onLoad).then(lockLeftOut),
      complete(cached, onCache).then(loadLeftOut).then(lockLeftOut),
      giveWay(yielding),
    ]);
  }

  /** Without waiting for locks or deciding twice. An account that is not cached is not needed soon. */
  async function giveWay(groups: readonly Group[]): Promise<void> {
    for (const { commands } of await complete(groups, onLoad, giveWay)) {
      for (const command of commands) command.fail(new LockTimeoutError());
    }
  }

  function isKnown({ customerKey }: Account): boolean {
    return accounts.get(customerKey) !== undefined;
  }

  function loadLeftOut(groups: readonly Group[]): Promise<readonly Group[]> {
    return complete(groups, onLoad);
  }

  function lockLeftOut(groups: readonly Group[]): Promise<void> {
    return lock(groups, underLock);
  }

  /** In a transaction for each project: who keeps changing its catalogue has it decided again and again. */
  async function lock(groups: readonly Group[], commit: CommitGroups): Promise<void> {
    const projects = byProject(groups).values();
    const lockEach = async () => {
      for (const ofOne of projects) failLocked(await complete(ofOne, commit));
    };
    await Promise.all(Array.from({ length: TRANSACTIONS_MAX }, lockEach));
  }

  /** Completes the groups with the outcome of the commit, or with its failure; returns those that were skipped. */
  async function complete(
    groups: readonly Group[],
    commit: CommitGroups,
    again = lockLeftOut,
  ): Promise<readonly Group[]> {
    if (groups.length === 0) return [];
    let committed: Committed;
    try {
      committed = await commit(groups);
    } catch (error) {
      for (const { scope } of groups) accounts.delete(scope.customerKey);
      await completeFailed(groups, error, again);
      return [];
    }
    clock.observe(committed.now);
    for (const decided of committed.decided) {
      const { account } = decided;
      if (account !== null && (again !== giveWay || isKnown(account))) accounts.set(account);
      decided.complete(committed.now);
      figures.replays += decided.replays;
    }
    return committed.leftOut;
  }

  /** A command that the database refuses must not affect the others, so each is tried separately. */
  async function completeFailed(
    groups: readonly Group[],
    error: unknown,
    again: (groups: readonly Group[]) => Promise<void>,
  ): Promise<void> {
    const commands = groups.flatMap((group) => group.commands);
    if (isOfAll(error) || commands.length === 1) {
      for (const command of commands) command.fail(error);
      return;
    }
    for (const command of commands) {
      await again([{ scope: command.scope, commands: [command] }]);
    }
  }

  function failLocked(groups: readonly Group[]): void {
    for (const { scope, commands } of groups) {
      accounts.markLocked(scope.customerKey);
      for (const command of commands) command.fail(new LockTimeoutError());
    }
  }

  return { run };
}

/** Whether it is the failure of them all. What cannot be read, such as a catalogue, belongs to one project. */
function isOfAll(error: unknown): boolean {
  return error instanceof UnavailableError && error.code !== 'RESULT_UNREADABLE';
}

function split(commands: readonly Command<unknown>[], parts: CommitParts) {
  const groups = new Map<string, { scope: CustomerScope; commands: Command<unknown>[] }>();
  for (const command of commands) {
    const { scope } = command;
    const group = groups.get(scope.customerKey);
    if (group === undefined) groups.set(scope.customerKey, { scope, commands: [command] });
    else group.commands.push(command);
  }
  const cached: Group[] = [];
  const unknown: Group[] = [];
  const locking: Group[] = [];
  const locked: Group[] = [];
  const yielding: Group[] = [];
  for (const group of groups.values()) {
    if (group.commands.every(({ givesWay }) => givesWay)) yielding.push(group);
    else if (parts.accounts.isLocked(group.scope.customerKey)) locked.push(group);
    else if (group.commands.some((command) => command.underLock)) locking.push(group);
    else (isCached(group, parts) ? cached : unknown).push(group);
  }
  return { cached, unknown, locking, locked, yielding };
}

function noteWays(
  { cached, unknown, locking, locked, yielding }: ReturnType<typeof split>,
  { customers }: WriteFigures,
): void {
  customers.add('cached', cached.length);
  customers.add('loaded', unknown.length);
  customers.add('locking', locking.length);
  customers.add('locked', locked.length);
  customers.add('yielding', yielding.length);
}

function byProject(groups: readonly Group[]): Group[][] {
  const projects = new Map<string, Group[]>();
  for (const group of groups) {
    const others = projects.get(group.scope.projectId);
    if (others === undefined) projects.set(group.scope.projectId, [group]);
    else others.push(group);
  }
  return [...projects.values()];
}

function isCached({ scope, commands }: Group, { accounts, clock, catalogs }: CommitParts): boolean {
  const account = accounts.get(scope.customerKey);
  if (account === undefined || clock.now() === null) return false;
  if (catalogs.get(scope.projectId) === undefined) return false;
  // Events are not cached.
  return commands.every(
    ({ entityId, reservationId, eventIds }) =>
      eventIds.length === 0 &&
      (entityId === null || account.entities.has(entityId)) &&
      (reservationId === null || knowsHold(account, reservationId)),
  );
}
