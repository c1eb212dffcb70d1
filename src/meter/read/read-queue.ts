import { HOME } from '../../domain/place.js';
import { UnavailableError } from '../../domain/unavailable.js';
import { callEach } from '../../platform/steps.js';
import type { Tracing } from '../../tracing/tracing.js';
import type { Gate } from '../gate.js';
import { AnswerSlices } from './answer-slices.js';
import { createLargeReads } from './large-reads.js';
import { measuredReadPath, ReadFigures, type ReadQueueFigures } from './read-figures.js';
import type { ReadKind } from './read-kind.js';
import type { ReadQueueOptions } from './read-queue-options.js';
import { ServerReads } from './server-reads.js';
import { tracedReadPath } from './traced-read-path.js';
import type { AnyKind, Asker } from './waits.js';

/**
 * Joins the reads of all requests of a project into statements, as a lane joins writes: while a statement runs and its
 * answer is delivered, further reads of its kind are collected. A lone read does not wait. No read joins a statement that
 * has begun, so all see what was committed before they were requested. A statement serves one project; projects take turns,
 * and each may have a limited number of statements in progress and of reads waiting.
 *
 * With several servers, a statement is for one of them, or for all if it is a list, and nothing is counted together: one
 * that does not answer costs the reads of the others nothing.
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
  /**
   * Whether further reads of the project would be refused right now. With several servers each is refused by itself, because
   * it is not known before which of them a query asks.
   */
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
  readonly #slices: AnswerSlices;
  /** Of the server of the catalogue, which is the only one unless there are several. */
  readonly #home: ServerReads;
  /** Of the other servers, by name. */
  readonly #others = new Map<string, ServerReads>();
  /** Lists of what may be on all servers. */
  #lists: ServerReads | null = null;

  constructor(options: ReadQueueOptions, figures: ReadFigures) {
    this.#options = options;
    this.#figures = figures;
    this.#tracing = options.tracing ?? null;
    this.largeReads = createLargeReads(options);
    this.#slices = new AnswerSlices(options);
    this.#home = new ServerReads(options, this.#slices);
  }

  read<Wanted, Found, Shown>(
    kind: ReadKind<Wanted, Found, Shown>,
    projectId: string,
    wanted: Wanted,
    asker: Asker,
  ): Promise<Shown> {
    const reads = this.#readsOf(kind, wanted);
    if (reads.isOverloaded(projectId)) {
      return Promise.reject(new UnavailableError('READS_OVERLOADED'));
    }
    return new Promise((resolve, reject) => {
      const since = this.#options.monotonicMs();
      const wait = { text: kind.textOf(wanted), wanted, since, asker, resolve, reject };
      this.#tracing?.noted(wait);
      const { following } = this.#slices;
      if (following === null) reads.push(projectId, kind, wait);
      else following.push(() => reads.push(projectId, kind, wait));
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
    this.#slices.add(projectId, callEach(resolvers));
    return shared;
  }

  isOverloaded(projectId: string): boolean {
    return this.#options.serverOf === undefined && this.#home.isOverloaded(projectId);
  }

  figures(): ReadQueueFigures {
    const all = [
      this.#home,
      ...this.#others.values(),
      ...(this.#lists === null ? [] : [this.#lists]),
    ];
    const waiting = all.reduce((sum, reads) => sum + reads.waits(), 0);
    const statementsMax = all.length * this.#options.inFlightMax;
    return { ...this.#figures, waiting, statementsMax };
  }

  #readsOf(kind: AnyKind, wanted: unknown): ServerReads {
    const { serverOf } = this.#options;
    if (serverOf === undefined) return this.#home;
    const customerKey = kind.customerKeyOf(wanted);
    if (customerKey === undefined) return this.#home;
    if (customerKey === null) {
      this.#lists ??= new ServerReads(this.#options, this.#slices);
      return this.#lists;
    }
    const server = serverOf(customerKey);
    if (server === HOME) return this.#home;
    const known = this.#others.get(server);
    if (known !== undefined) return known;
    const reads = new ServerReads(this.#options, this.#slices);
    this.#others.set(server, reads);
    return reads;
  }
}

/** A list of so many is gone on with in the turn in which it is known: what its items ask for is read with the rest. */
const FIELDS_AT_ONCE = 2_500;

/** An item itself takes as long as a few fields. */
const FIELDS_OF_ITEM = 3;
