import { present } from '../../domain/assert.js';
import { UnavailableError } from '../../domain/unavailable.js';
import { callEach, type Steps } from '../../platform/steps.js';
import { createTurns, type Turns } from '../../platform/turns.js';
import type { Tracing } from '../../tracing/tracing.js';
import type { Gate } from '../gate.js';
import { createLargeReads } from './large-reads.js';
import { ProjectReads } from './project-reads.js';
import { measuredReadPath, ReadFigures, type ReadQueueFigures } from './read-figures.js';
import { type ReadKind, rowsIn } from './read-kind.js';
import type { Answer } from './read-path.js';
import type { ReadQueueOptions } from './read-queue-options.js';
import { tracedReadPath } from './traced-read-path.js';
import {
  type AnyKind,
  type Asker,
  LOOKUP,
  type SameReads,
  sameReads,
  stillWanted,
  tellCost,
  type Wait,
} from './waits.js';

/**
 * Joins the reads of all requests of a project into statements, as a lane joins writes: while a statement runs and its
 * answer is delivered, further reads of its kind are collected. A lone read does not wait. No read joins a statement that
 * has begun, so all see what was committed before they were requested. A statement serves one project; projects take turns,
 * and each may have a limited number of statements in progress and of reads waiting.
 */
export interface ReadQueue {
  /** What a query passes, before it reads anything, that is large. */
  readonly largeReads: Gate;
  /** Rejects with an `UnavailableError` if it cannot be read. */
  read<Wanted, Found, Shown>(
    kind: ReadKind<Wanted, Found, Shown>,
    projectId: string,
    wanted: Wanted,
    asker: Asker,
  ): Promise<Shown>;
  /** Whether further reads of the project would be refused right now. */
  isOverloaded(projectId: string): boolean;
  /** What it has counted, and how full it is. */
  figures(): ReadQueueFigures;
  /**
   * The items of a list, in slices of time if many fields are resolved for them: otherwise they would be resolved for all
   * items at once, and nothing else would have its turn.
   */
  share<T>(
    projectId: string,
    items: readonly T[],
    fieldsPerItem: number,
  ): readonly (T | Promise<T>)[];
}

export function createReadQueue(options: ReadQueueOptions): ReadQueue {
  const figures = new ReadFigures();
  const { tracing = null } = options;
  const traced = tracing === null ? options.path : tracedReadPath(options.path, tracing);
  const path = measuredReadPath(traced, figures, options.monotonicMs);
  return new Queue({ ...options, path }, figures);
}

class Queue implements ReadQueue {
  readonly largeReads: Gate;
  readonly #options: ReadQueueOptions;
  readonly #figures: ReadFigures;
  readonly #tracing: Tracing | null;
  readonly #turns: Turns;
  /** Those with reads that wait, are in progress, or are being answered. */
  readonly #projects = new Map<string, ProjectReads>();
  #inFlight = 0;
  #turn = 0;
  #isScheduled = false;
  #expiry: NodeJS.Timeout | null = null;
  #collection: NodeJS.Timeout | null = null;
  #collectedUntil = 0;
  /** What a slice of answers asks for in turn; it waits for the other slices, to be read together. */
  #following: (() => void)[] | null = null;

  constructor(options: ReadQueueOptions, figures: ReadFigures) {
    this.#options = options;
    this.#figures = figures;
    this.#tracing = options.tracing ?? null;
    this.largeReads = createLargeReads(options);
    this.#turns = createTurns({ monotonicMs: options.monotonicMs });
  }

  read<Wanted, Found, Shown>(
    kind: ReadKind<Wanted, Found, Shown>,
    projectId: string,
    wanted: Wanted,
    asker: Asker,
  ): Promise<Shown> {
    if (this.isOverloaded(projectId)) {
      return Promise.reject(new UnavailableError('READS_OVERLOADED'));
    }
    return new Promise((resolve, reject) => {
      const since = this.#options.monotonicMs();
      const wait = { text: kind.textOf(wanted), wanted, since, asker, resolve, reject };
      this.#tracing?.noted(wait);
      if (this.#following === null) this.#push(projectId, kind, wait);
      else this.#following.push(() => this.#push(projectId, kind, wait));
    });
  }

  share<T>(
    projectId: string,
    items: readonly T[],
    fieldsPerItem: number,
  ): readonly (T | Promise<T>)[] {
    if (items.length * (fieldsPerItem + FIELDS_OF_ITEM) <= FIELDS_AT_ONCE) return items;
    const resolvers: (() => void)[] = [];
    const shared = items.map(
      (item) => new Promise<T>((resolve) => resolvers.push(() => resolve(item))),
    );
    this.#inSlices(projectId, callEach(resolvers));
    return shared;
  }

  isOverloaded(projectId: string): boolean {
    const { monotonicMs, waitMaxMs, waitingPerProjectMax } = this.#options;
    const project = this.#projects.get(projectId);
    if (project === undefined) return false;
    return project.waits >= waitingPerProjectMax || project.isLate(monotonicMs() - waitMaxMs);
  }

  figures(): ReadQueueFigures {
    const waiting = [...this.#projects.values()].reduce((sum, { waits }) => sum + waits, 0);
    return { ...this.#figures, waiting, statementsMax: this.#options.inFlightMax };
  }

  #push(projectId: string, kind: AnyKind, wait: Wait): void {
    let project = this.#projects.get(projectId);
    if (project === undefined) {
      project = new ProjectReads(projectId);
      this.#projects.set(projectId, project);
    }
    project.push(kind, wait);
    this.#schedule();
    this.#expireLater();
  }

  /** At the end of the turn, so that what is requested together is read together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#start();
    });
  }

  #start(): void {
    for (let next = this.#next(); next !== null; next = this.#next()) {
      const [project, kind] = next;
      this.#turn += 1;
      project.lastTurn = this.#turn;
      const waits = stillWanted(project.take(kind));
      if (waits.length > 0) void this.#run(project, kind, waits);
      else this.#dropIfIdle(project);
    }
  }

  /** The next statement that may begin: the project is the one that has not had its turn for longest. */
  #next(): [ProjectReads, AnyKind] | null {
    if (this.#inFlight >= this.#options.inFlightMax) return null;
    const now = this.#options.monotonicMs();
    let next: [ProjectReads, AnyKind] | null = null;
    for (const project of this.#projects.values()) {
      if (project.waits === 0) continue;
      if (project.inFlight >= this.#options.inFlightPerProjectMax) continue;
      if (next !== null && project.lastTurn >= next[0].lastTurn) continue;
      const kind = project.next(now);
      if (kind === null) this.#startAt(project.collectedUntil(), now);
      else next = [project, kind];
    }
    return next;
  }

  async #run(project: ProjectReads, kind: AnyKind, batch: readonly Wait[]): Promise<void> {
    this.#inFlight += 1;
    project.inFlight += 1;
    const same = sameReads(batch);
    const wanted = same.map(([first]) => first.wanted);
    const stopCollecting = project.collect(kind, this.#options.monotonicMs() + COLLECTED_MS);
    const end = () => {
      stopCollecting();
      this.#dropIfIdle(project);
      this.#start();
    };
    try {
      const load = () => kind.load(this.#options.path, project.id, wanted);
      const answers = await (this.#tracing?.batch('read batch', batch, load) ?? load());
      this.#inSlices(project.id, this.#deliver(project.id, kind, same, answers), end);
    } catch (error) {
      for (const reads of same) tellCost(reads, LOOKUP);
      for (const { reject } of batch) reject(error);
      stopCollecting();
    }
    this.#inFlight -= 1;
    project.inFlight -= 1;
    this.#dropIfIdle(project);
    this.#start();
  }

  *#deliver(
    projectId: string,
    kind: AnyKind,
    same: readonly SameReads[],
    answers: readonly Answer<unknown>[],
  ): Steps<void> {
    for (const [n, all] of same.entries()) {
      const waits = stillWanted(all);
      if (waits.length === 0) {
        // What was found for them is not even decoded.
        tellCost(all, LOOKUP);
        continue;
      }
      if (n > 0) yield;
      try {
        const found = yield* present(answers[n], 'an answer for each read');
        const value = kind.show(found);
        if (value !== undefined) tellCost(all, LOOKUP + rowsIn(kind, found));
        for (const [nth, wait] of waits.entries()) {
          if (nth > 0) yield;
          if (value === undefined) this.#push(projectId, kind, wait);
          else wait.resolve(value);
        }
      } catch (error) {
        for (const { reject } of waits) reject(error);
      }
    }
  }

  /** What an answer leads to, such as the resolvers that waited for it, is done in slices. */
  #inSlices(projectId: string, steps: Steps<void>, onEnd?: () => void): void {
    const following: (() => void)[] = [];
    this.#turns.add(projectId, steps, {
      begin: () => {
        this.#following = following;
      },
      end: (isLast) => {
        this.#following = null;
        if (!isLast) return;
        for (const push of following) push();
        onEnd?.();
      },
    });
  }

  /** Refuses reads whose statement has not begun in time because others take too long. */
  readonly #expire = (): void => {
    this.#expiry = null;
    const { monotonicMs, waitMaxMs } = this.#options;
    const latest = monotonicMs() - waitMaxMs;
    for (const project of [...this.#projects.values()]) {
      project.expire(latest);
      this.#dropIfIdle(project);
      if (project.waits > 0) this.#expireLater();
    }
  };

  #expireLater(): void {
    this.#expiry ??= setTimeout(this.#expire, this.#options.waitMaxMs).unref();
  }

  #startAt(at: number, now: number): void {
    if (this.#collection !== null && this.#collectedUntil <= at) return;
    clearTimeout(this.#collection ?? undefined);
    this.#collectedUntil = at;
    this.#collection = setTimeout(
      () => {
        this.#collection = null;
        this.#start();
      },
      // The timer of a fraction of a millisecond would be early.
      Math.ceil(at - now),
    ).unref();
  }

  #dropIfIdle(project: ProjectReads): void {
    if (project.isIdle()) this.#projects.delete(project.id);
  }
}

/**
 * While an answer is due, further reads of its kind are collected, as writes are while a batch commits, but for no longer
 * than this: a statement may take long.
 */
const COLLECTED_MS = 10;

/** A list of so many is gone on with in the turn in which it is known: what its items ask for is read with the rest. */
const FIELDS_AT_ONCE = 2_500;

/** An item itself takes as long as a few fields. */
const FIELDS_OF_ITEM = 3;
