import { tooManyWaiting } from '../../domain/unavailable.js';
import type { Asker } from '../read/waits.js';

/** In front of writes that commit on their own: limits how many connections they take, and for whom. */
export interface Gate {
  /**
   * Does the work when it is the project's turn. Rejects at once, with OVERLOADED, if too many wait, and with the reason if
   * the visitor was stopped before its turn. The work must not pass the same gate again: it could wait for itself.
   */
  pass<T>(visitor: Visitor, work: () => Promise<T>): Promise<T>;
}

export interface Visitor {
  readonly projectId: string;
  /** None if the program itself calls. */
  readonly asker: Asker | undefined;
}

export interface GateOptions {
  readonly inFlightMax: number;
  readonly inFlightPerProjectMax: number;
  readonly waitingMax: number;
  readonly waitingPerProjectMax: number;
}

interface Waiting {
  readonly asker: Asker | undefined;
  begin(): Promise<void>;
  reject(reason: Error): void;
}

/** First come, first served within a project; projects take turns. */
export function createGate(options: GateOptions): Gate {
  return new ProjectGate(options);
}

class ProjectGate implements Gate {
  readonly #options: GateOptions;
  /** By project; the one whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #inFlight = new Map<string, number>();
  #waits = 0;
  #inFlightInAll = 0;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  pass<T>({ projectId, asker }: Visitor, work: () => Promise<T>): Promise<T> {
    if (!this.#hasRoom(projectId) && this.#isFull(projectId)) {
      return Promise.reject(tooManyWaiting());
    }
    return new Promise<T>((resolve, reject) => {
      // Whatever happens, its place is free afterwards.
      const begin = async () => {
        try {
          resolve(await work());
        } catch (error) {
          reject(error);
        }
      };
      const queue = this.#waiting.get(projectId);
      if (queue === undefined) this.#waiting.set(projectId, [{ asker, begin, reject }]);
      else queue.push({ asker, begin, reject });
      this.#waits += 1;
      this.#serve();
    });
  }

  #hasRoom(projectId: string): boolean {
    const { inFlightMax, inFlightPerProjectMax } = this.#options;
    return (
      this.#inFlightInAll < inFlightMax &&
      (this.#inFlight.get(projectId) ?? 0) < inFlightPerProjectMax
    );
  }

  /** Those that were stopped make room. */
  #isFull(projectId: string): boolean {
    const { waitingMax, waitingPerProjectMax } = this.#options;
    const ofProject = () => this.#waiting.get(projectId)?.length ?? 0;
    if (ofProject() >= waitingPerProjectMax) this.#dropStopped(projectId);
    if (this.#waits >= waitingMax)
      for (const id of [...this.#waiting.keys()]) this.#dropStopped(id);
    return this.#waits >= waitingMax || ofProject() >= waitingPerProjectMax;
  }

  #dropStopped(projectId: string): void {
    const queue = this.#waiting.get(projectId) ?? [];
    const left = queue.filter((waiting) => !isRejected(waiting));
    this.#waits -= queue.length - left.length;
    if (left.length > 0) this.#waiting.set(projectId, left);
    else this.#waiting.delete(projectId);
  }

  #serve(): void {
    for (const [projectId, queue] of [...this.#waiting]) {
      if (this.#inFlightInAll >= this.#options.inFlightMax) return;
      const next = this.#hasRoom(projectId) ? this.#takeNext(queue) : null;
      if (queue.length === 0) this.#waiting.delete(projectId);
      if (next !== null) void this.#run(projectId, next);
    }
  }

  /** The first one that is still needed. */
  #takeNext(queue: Waiting[]): Waiting | null {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      this.#waits -= 1;
      if (!isRejected(next)) return next;
    }
    return null;
  }

  async #run(projectId: string, { begin }: Waiting): Promise<void> {
    this.#count(projectId, 1);
    await begin();
    this.#count(projectId, -1);
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

/** Rejects one whose operation was stopped: nothing is to be written for it any more. */
function isRejected({ asker, reject }: Waiting): boolean {
  const reason = asker?.stopped ?? null;
  if (reason !== null) reject(reason);
  return reason !== null;
}
