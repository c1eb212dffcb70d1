import { present } from '../../domain/assert.js';
import type { Steps } from '../../platform/steps.js';
import type { Tracing } from '../../tracing/tracing.js';
import type { AnswerSlices } from './answer-slices.js';
import { ProjectReads } from './project-reads.js';
import { rowsIn } from './read-kind.js';
import type { Answer } from './read-path.js';
import type { ReadQueueOptions } from './read-queue-options.js';
import {
  type AnyKind,
  LOOKUP,
  type SameReads,
  sameReads,
  stillWanted,
  tellCost,
  type Wait,
} from './waits.js';

/** The reads of one server, or of lists over all of them: what waits, and the statements in progress. */
export class ServerReads {
  readonly #options: ReadQueueOptions;
  readonly #slices: AnswerSlices;
  readonly #tracing: Tracing | null;
  /** Those with reads that wait, are in progress, or are being answered. */
  readonly #projects = new Map<string, ProjectReads>();
  #inFlight = 0;
  #turn = 0;
  #isScheduled = false;
  #expiry: NodeJS.Timeout | null = null;
  #collection: NodeJS.Timeout | null = null;
  #collectedUntil = 0;

  constructor(options: ReadQueueOptions, slices: AnswerSlices) {
    this.#options = options;
    this.#slices = slices;
    this.#tracing = options.tracing ?? null;
  }

  /** Whether further reads of the project would be refused right now. */
  isOverloaded(projectId: string): boolean {
    const { monotonicMs, waitMaxMs, waitingPerProjectMax } = this.#options;
    const project = this.#projects.get(projectId);
    if (project === undefined) return false;
    return project.waits >= waitingPerProjectMax || project.isLate(monotonicMs() - waitMaxMs);
  }

  /** Reads that wait. */
  waits(): number {
    let waits = 0;
    for (const project of this.#projects.values()) waits += project.waits;
    return waits;
  }

  push(projectId: string, kind: AnyKind, wait: Wait): void {
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
      this.#slices.add(project.id, this.#deliver(project.id, kind, same, answers), end);
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
          if (value === undefined) this.push(projectId, kind, wait);
          else wait.resolve(value);
        }
      } catch (error) {
        for (const { reject } of waits) reject(error);
      }
    }
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
