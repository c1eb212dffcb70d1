import { HeldError, UnavailableError } from '../../domain/unavailable.js';
import type { CustomerScope } from '../store.js';
import type { Memory } from './account-cache.js';
import {
  type CommitGroups,
  commitFree,
  commitLocked,
  commitRead,
  commitRemembered,
  type Group,
  type Settled,
} from './commit-groups.js';
import type { Job } from './job.js';
import type { WritePath } from './write-path.js';

/** Commits batches of jobs. */
export interface Batches {
  /** Answers every job; never rejects. */
  run(jobs: readonly Job[]): Promise<void>;
}

/**
 * Customers that are remembered are decided at once and committed in one statement that proves the memory right. Others
 * are read first, and so are those that another gateway has moved on. Those that have moved on between that and the commit,
 * and those of which more than uses is asked, are locked, read and decided in one transaction. A customer that somebody else
 * does not let go is waited for once, and from then on served only when it is free: nobody waits with it.
 */
export function createBatches(store: WritePath, memory: Memory): Batches {
  const remembering = commitRemembered(store, memory);
  const reading = commitRead(store, memory);
  const locking = commitLocked(store, memory);
  const passing = commitFree(store, memory);

  async function run(jobs: readonly Job[]): Promise<void> {
    const { remembered, unknown, structural, held } = split(jobs, memory);
    await Promise.all([
      answer(held, passing).then(answerHeld),
      answer(structural, locking).then(answerHeld),
      answer(unknown, reading).then(lockLeftOut),
      answer(remembered, remembering).then(readLeftOut).then(lockLeftOut),
    ]);
  }

  function readLeftOut(groups: readonly Group[]): Promise<readonly Group[]> {
    return answer(groups, reading);
  }

  async function lockLeftOut(groups: readonly Group[]): Promise<void> {
    answerHeld(await answer(groups, locking));
  }

  /** Answers the groups with what the commit decides, or with its failure; gives back those left out. */
  async function answer(groups: readonly Group[], commit: CommitGroups): Promise<readonly Group[]> {
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
    for (const { scope } of settled.leftOut) memory.forget(scope.customerKey);
    return settled.leftOut;
  }

  /** An item that the database refuses must not harm the others, so each is tried by itself. */
  async function answerFailure(groups: readonly Group[], error: unknown): Promise<void> {
    const jobs = groups.flatMap((group) => group.jobs);
    if (error instanceof UnavailableError || jobs.length === 1) {
      for (const job of jobs) job.fail(error);
      return;
    }
    for (const job of jobs) {
      await answer([{ scope: job.command.scope, jobs: [job] }], locking).then(answerHeld);
    }
  }

  function answerHeld(groups: readonly Group[]): void {
    for (const { scope, jobs } of groups) {
      memory.hold(scope.customerKey);
      for (const job of jobs) job.fail(new HeldError());
    }
  }

  return { run };
}

function split(jobs: readonly Job[], memory: Memory) {
  const groups = new Map<string, { scope: CustomerScope; jobs: Job[] }>();
  for (const job of jobs) {
    const { scope } = job.command;
    const group = groups.get(scope.customerKey);
    if (group === undefined) groups.set(scope.customerKey, { scope, jobs: [job] });
    else group.jobs.push(job);
  }
  const remembered: Group[] = [];
  const unknown: Group[] = [];
  const structural: Group[] = [];
  const held: Group[] = [];
  for (const group of groups.values()) {
    if (memory.isHeld(group.scope.customerKey)) held.push(group);
    else if (group.jobs.some(({ command }) => command.structural)) structural.push(group);
    else (isRemembered(group, memory) ? remembered : unknown).push(group);
  }
  return { remembered, unknown, structural, held };
}

function isRemembered({ scope, jobs }: Group, memory: Memory): boolean {
  const account = memory.account(scope.customerKey);
  if (account === undefined || memory.now() === null) return false;
  if (memory.catalog(scope.projectId) === undefined) return false;
  return jobs.every(
    ({ command: { entityId } }) => entityId === null || account.entityIds.has(entityId),
  );
}
