import type { Asker } from './read/waits.js';

/** In front of work that a project may have only so much of in progress. */
export interface Gate {
  /**
   * Does the work when it is the project's turn. Rejects at once if too many wait, if it has waited for too long, and with the
   * reason if the visitor was stopped before its turn. The work must not pass the same gate again: it could wait for itself.
   */
  pass<T>(visitor: Visitor, work: () => T | Promise<T>): Promise<T>;
  /** Rejects a visitor that was stopped and still waits, which otherwise happens when its turn comes. */
  leave(visitor: Visitor): void;
  /** Refuses those that have waited for too long. The gate's own timer calls it. */
  expire(): void;
}

/** Passes a gate once. */
export interface Visitor {
  readonly projectId: string;
  /** None if the program itself calls. */
  readonly asker: Asker | undefined;
  /** How much of what may be in flight it takes; 1 unless given. If nothing else is, it may take more than that. */
  readonly weight?: number;
}

export interface GateOptions {
  /** The weight of all that are in flight at once. */
  readonly inFlightMax: number;
  readonly inFlightPerProjectMax: number;
  readonly waitingMax: number;
  readonly waitingPerProjectMax: number;
  /** How long one may wait for its turn. Those of writes wait until their operation is stopped. */
  readonly patience: Patience | null;
  /** The error for those that are not let in. */
  readonly refusal: () => Error;
}

export interface Patience {
  readonly waitMaxMs: number;
  readonly monotonicMs: () => number;
}

interface Waiting {
  readonly since: number;
  begin(): Promise<void>;
  reject(reason: Error): void;
}

/** In the order in which they came. */
type Queue = Map<Visitor, Waiting>;

/** First come, first served within a project; projects take turns. */
export function createGate(options: GateOptions): Gate {
  return new ProjectGate(options);
}

class ProjectGate implements Gate {
  readonly #options: GateOptions;
  /** By project; the one whose turn is next comes first. */
  readonly #waiting = new Map<string, Queue>();
  readonly #inFlight = new Map<string, number>();
  #waits = 0;
  #inFlightInAll = 0;
  #expiry: NodeJS.Timeout | null = null;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  pass<T>(visitor: Visitor, work: () => T | Promise<T>): Promise<T> {
    const { projectId } = visitor;
    const { refusal, patience } = this.#options;
    if (this.#mustWait(visitor) && this.#isFull(projectId)) return Promise.reject(refusal());
    return new Promise<T>((resolve, reject) => {
      // Whatever happens, its place is free afterwards.
      const begin = async () => {
        try {
          resolve(await work());
        } catch (error) {
          reject(error);
        }
      };
      const queue: Queue = this.#waiting.get(projectId) ?? new Map();
      this.#waiting.set(projectId, queue);
      queue.set(visitor, { since: patience?.monotonicMs() ?? 0, begin, reject });
      this.#waits += 1;
      this.#serve();
      this.#expireLater();
    });
  }

  leave(visitor: Visitor): void {
    const queue = this.#waiting.get(visitor.projectId);
    const waiting = queue?.get(visitor);
    if (queue === undefined || waiting === undefined || !isRejected(visitor, waiting)) return;
    this.#remove(visitor, queue);
    // Those behind it may weigh less.
    this.#serve();
  }

  expire(): void {
    const { patience, refusal } = this.#options;
    if (patience === null) return;
    const latest = patience.monotonicMs() - patience.waitMaxMs;
    for (const queue of [...this.#waiting.values()]) {
      for (const [visitor, { since, reject }] of queue) {
        if (since > latest) break;
        this.#remove(visitor, queue);
        reject(refusal());
      }
    }
    this.#serve();
  }

  #expireLater(): void {
    const { patience } = this.#options;
    if (patience === null || this.#waits === 0 || this.#expiry !== null) return;
    const oldest = Math.min(...[...this.#waiting.values()].map(sinceOfFirst));
    const dueMs = Math.ceil(oldest + patience.waitMaxMs - patience.monotonicMs());
    this.#expiry = setTimeout(() => {
      this.#expiry = null;
      this.expire();
      this.#expireLater();
    }, dueMs).unref();
  }

  /** In turn: after those of its project that came before it. */
  #mustWait(visitor: Visitor): boolean {
    return this.#waiting.has(visitor.projectId) || !this.#hasRoom(visitor);
  }

  #hasRoom({ projectId, weight = 1 }: Visitor): boolean {
    const { inFlightMax, inFlightPerProjectMax } = this.#options;
    return (
      fits(this.#inFlightInAll, weight, inFlightMax) &&
      fits(this.#inFlight.get(projectId) ?? 0, weight, inFlightPerProjectMax)
    );
  }

  /** Those that were stopped make room. */
  #isFull(projectId: string): boolean {
    const { waitingMax, waitingPerProjectMax } = this.#options;
    const ofProject = () => this.#waiting.get(projectId)?.size ?? 0;
    if (ofProject() >= waitingPerProjectMax) this.#dropStopped(projectId);
    if (this.#waits >= waitingMax)
      for (const id of [...this.#waiting.keys()]) this.#dropStopped(id);
    return this.#waits >= waitingMax || ofProject() >= waitingPerProjectMax;
  }

  #dropStopped(projectId: string): void {
    const queue = this.#waiting.get(projectId) ?? new Map<Visitor, Waiting>();
    for (const [visitor, waiting] of queue) {
      if (isRejected(visitor, waiting)) this.#remove(visitor, queue);
    }
  }

  #remove(visitor: Visitor, queue: Queue): void {
    queue.delete(visitor);
    this.#waits -= 1;
    if (queue.size === 0) this.#waiting.delete(visitor.projectId);
  }

  /** One of each project, until there is room for none of those that are next. */
  #serve(): void {
    let hasBegun = true;
    while (hasBegun) {
      hasBegun = false;
      for (const queue of [...this.#waiting.values()]) {
        const next = this.#takeNext(queue);
        if (next === null) continue;
        hasBegun = true;
        void this.#run(...next);
      }
    }
  }

  /** The first one that is still needed, if there is room for it. */
  #takeNext(queue: Queue): [Visitor, Waiting] | null {
    for (const [visitor, waiting] of queue) {
      const isStopped = isRejected(visitor, waiting);
      if (!isStopped && !this.#hasRoom(visitor)) return null;
      this.#remove(visitor, queue);
      if (!isStopped) return [visitor, waiting];
    }
    return null;
  }

  async #run({ projectId, weight = 1 }: Visitor, { begin }: Waiting): Promise<void> {
    this.#count(projectId, weight);
    await begin();
    this.#count(projectId, -weight);
    this.#moveBack(projectId);
    this.#serve();
  }

  /** The others go first the next time. */
  #moveBack(projectId: string): void {
    const queue = this.#waiting.get(projectId);
    if (queue === undefined) return;
    this.#waiting.delete(projectId);
    this.#waiting.set(projectId, queue);
  }

  #count(projectId: string, change: number): void {
    this.#inFlightInAll += change;
    const count = (this.#inFlight.get(projectId) ?? 0) + change;
    if (count === 0) this.#inFlight.delete(projectId);
    else this.#inFlight.set(projectId, count);
  }
}

/** Rejects one whose operation was stopped: nothing is to be done for it any more. */
function isRejected({ asker }: Visitor, { reject }: Waiting): boolean {
  const reason = asker?.stopped ?? null;
  if (reason !== null) reject(reason);
  return reason !== null;
}

/** One alone always does. */
function fits(inFlight: number, weight: number, max: number): boolean {
  return inFlight === 0 || inFlight + weight <= max;
}

function sinceOfFirst(queue: Queue): number {
  const [first] = queue.values();
  return first?.since ?? Number.POSITIVE_INFINITY;
}
