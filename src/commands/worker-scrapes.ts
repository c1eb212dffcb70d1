/** Asks workers for their metrics, and does not wait for one that is blocked. */
import type { Worker } from 'node:cluster';
import type { FamilyData } from '../metrics/exposition.js';
import type { Told } from '../metrics/merge.js';
import type { Metrics, MetricsWanted } from './worker-messages.js';

/** Prometheus waits for 10 s by default. */
const ANSWER_MS_MAX = 2_000;

interface Asked {
  readonly worker: Worker;
  readonly number: number;
}

interface Scrape {
  readonly told: Map<number, readonly FamilyData[]>;
  readonly missing: Set<number>;
  end(): void;
}

export class WorkerScrapes {
  readonly #scrapes = new Map<number, Scrape>();
  #last = 0;

  /** `workers`: how many there should be. Each has a family that says whether it has answered. */
  async ask(asked: readonly Asked[], workers: number): Promise<readonly Told[]> {
    this.#last += 1;
    const number = this.#last;
    const told = await new Promise<Scrape['told']>((resolve) => {
      const timer = setTimeout(() => scrape.end(), ANSWER_MS_MAX);
      const scrape: Scrape = {
        told: new Map(),
        missing: new Set(asked.map((one) => one.number)),
        end: () => {
          clearTimeout(timer);
          this.#scrapes.delete(number);
          resolve(scrape.told);
        },
      };
      this.#scrapes.set(number, scrape);
      for (const { worker } of asked) {
        worker.send({ kind: 'METRICS_WANTED', number } satisfies MetricsWanted, ignore);
      }
      endIfComplete(scrape);
    });
    return Array.from({ length: workers }, (_, index) => {
      const families = told.get(index + 1);
      return {
        worker: String(index + 1),
        families: [up(families !== undefined), ...(families ?? [])],
      };
    });
  }

  answered(worker: number, { number, families }: Metrics): void {
    const scrape = this.#scrapes.get(number);
    if (scrape === undefined) return;
    scrape.told.set(worker, families);
    scrape.missing.delete(worker);
    endIfComplete(scrape);
  }

  /** Nothing is to be expected of it any more. */
  ended(worker: number): void {
    for (const scrape of this.#scrapes.values()) {
      scrape.missing.delete(worker);
      endIfComplete(scrape);
    }
  }
}

function endIfComplete({ missing, end }: Scrape): void {
  if (missing.size === 0) end();
}

function up(isUp: boolean): FamilyData {
  return {
    name: 'tollgate_worker_up',
    help: 'Whether the worker serves and has answered this scrape: 1 or 0.',
    type: 'gauge',
    values: [{ labels: {}, value: isUp ? 1 : 0 }],
  };
}

/** One that has just ended cannot receive it. */
function ignore(): void {
  return;
}
