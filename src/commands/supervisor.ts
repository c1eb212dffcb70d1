import cluster, { type Worker } from 'node:cluster';
import type { Manifest } from '../http/trusted/manifest.js';
import type { Told } from '../metrics/merge.js';
import { monotonicMs } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import { closeLostConnection } from '../platform/lost-connections.js';
import {
  createRestartLimit,
  RESTART_WINDOW_MS,
  type RestartLimit,
} from '../platform/restart-limit.js';
import { SIGNAL_SPREAD_MS } from '../platform/shutdown.js';
import { HEARTBEAT, type Heartbeat, startHeartbeat } from './heartbeat.js';
import {
  ANNOUNCE,
  CLOSE,
  DOCUMENTS_WANTED,
  metricsOf,
  type NeighboursTold,
  PING,
  type Place,
  PONG,
  type Serving,
  SIGNALLED,
  servingOf,
  type TrustedDocuments,
} from './worker-messages.js';
import { WorkerScrapes } from './worker-scrapes.js';

export interface SupervisorOptions {
  readonly workers: number;
  readonly port: number;
  /**
   * The same for every worker, also for one that replaces another: its files may have changed, and a worker that could not read them
   * would end, and in the end all of them.
   */
  readonly trustedDocuments: Manifest;
  /** Where the workers listen for each other; null if they do not send each other commands. */
  readonly folder: string | null;
  readonly logger: Logger;
  /** All of them serve for the first time; called with what one of them would have printed. */
  readonly onServing: (welcome: readonly string[]) => void;
  /** There is no point in continuing, for this reason. */
  readonly onFailure: (sentence: string) => void;
}

interface Member {
  /** From 1 on; the one that replaces it gets the same. */
  readonly number: number;
  readonly worker: Worker;
  readonly ended: Promise<End>;
  serving: boolean;
  /** Where it takes commands of the others; null until it serves, and once it is to end. */
  address: string | null;
  /** From the moment it serves, because starting may take long. */
  heartbeat: Heartbeat | null;
}

interface End {
  /** None if a signal or a failed start has ended it. */
  readonly code: number | null;
  /** For messages: `with exit code 1`. */
  readonly how: string;
}

/** More within a minute are not accidental. */
const RESTARTS_PER_WORKER_MAX = 3;

/** Starts the workers, replaces those that end, and ends them all. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #members = new Set<Member>();
  readonly #restarts: RestartLimit;
  readonly #scrapes = new WorkerScrapes();
  #replaced = 0;
  #phase: 'STARTING' | 'SERVING' | 'CLOSING' = 'STARTING';
  #isAnnounced = false;

  constructor(options: SupervisorOptions) {
    const restartsMax = options.workers * RESTARTS_PER_WORKER_MAX;
    this.#options = options;
    // In turn, whatever the platform or the environment would choose.
    cluster.schedulingPolicy = cluster.SCHED_RR;
    this.#restarts = createRestartLimit({ restartsMax, monotonicMs });
    for (let count = 0; count < options.workers; count += 1) this.#fork();
  }

  /** Every worker says that it is not ready, those that take the place of others too; false if they do not serve anyway. */
  announce(): boolean {
    if (this.#phase !== 'SERVING') return false;
    this.#isAnnounced = true;
    for (const { worker } of this.#members) worker.send(ANNOUNCE, ignore);
    return true;
  }

  /** Every worker answers what it has accepted and ends. Rejects if one ended in another way. */
  async close(): Promise<void> {
    this.#phase = 'CLOSING';
    const closing = [...this.#members].map(async ({ worker, ended, serving }) => {
      worker.send(CLOSE, ignore);
      const { code, how } = await ended;
      // One that still starts has accepted nothing, and Ctrl-C reaches it too.
      if (code !== 0 && serving)
        throw new Error(`A worker ended ${how} instead of shutting down gracefully.`);
    });
    const [failed] = (await Promise.allSettled(closing)).filter(isRejected);
    if (failed !== undefined) throw failed.reason;
  }

  /** How many workers were replaced. */
  get replaced(): number {
    return this.#replaced;
  }

  /** What each of them that serves tells within a second or so. */
  metrics(): Promise<readonly Told[]> {
    return this.#scrapes.ask(
      [...this.#members].filter(({ serving }) => serving),
      this.#options.workers,
    );
  }

  /** Ends them at once. */
  kill(): void {
    for (const { worker } of this.#members) worker.process.kill('SIGKILL');
  }

  #fork(): void {
    // Given the number even if PORT is 0, because a worker that replaces all others needs it too.
    const worker = cluster.fork({ PORT: String(this.#options.port) });
    closeLostConnection(worker.process);
    const number = this.#freeNumber();
    const ended = endOf(worker);
    const member: Member = {
      number,
      worker,
      ended,
      serving: false,
      address: null,
      heartbeat: null,
    };
    this.#members.add(member);
    this.#options.logger.debug({ worker: worker.process.pid }, 'A worker starts.');
    worker.on('message', (message: unknown) => {
      if (message === PONG) member.heartbeat?.answered();
      if (message === SIGNALLED) this.#onSignalled(member);
      if (message === DOCUMENTS_WANTED) {
        const { folder } = this.#options;
        worker.send({ kind: 'PLACE', number, folder } satisfies Place, ignore);
        worker.send(this.#documents(), ignore);
        // It was not there when the others were told.
        if (this.#isAnnounced) worker.send(ANNOUNCE, ignore);
      }
      const metrics = metricsOf(message);
      if (metrics !== null) this.#scrapes.answered(member.number, metrics);
      const serving = servingOf(message);
      if (serving !== null) this.#onServing(member, serving);
    });
    void member.ended.then((end) => this.#onEnd(member, end));
  }

  /** It is to be replaced, unless the signal was for the whole program and will be here, too. */
  #onSignalled(member: Member): void {
    setTimeout(() => {
      if (this.#phase !== 'SERVING' || this.#isAnnounced) return;
      member.address = null;
      this.#tellNeighbours();
      member.worker.send(CLOSE, ignore);
    }, SIGNAL_SPREAD_MS);
  }

  /** Who sends commands to whom changes with everyone that comes or goes. */
  #tellNeighbours(): void {
    if (this.#options.folder === null) return;
    const neighbours = [...this.#members].flatMap(({ number, address }) =>
      address === null ? [] : [{ id: String(number), address }],
    );
    const message = { kind: 'NEIGHBOURS', neighbours } satisfies NeighboursTold;
    for (const { worker, address } of this.#members) {
      if (address !== null) worker.send(message, ignore);
    }
  }

  #freeNumber(): number {
    const taken = new Set([...this.#members].map(({ number }) => number));
    let number = 1;
    while (taken.has(number)) number += 1;
    return number;
  }

  #documents(): TrustedDocuments {
    return { kind: 'TRUSTED_DOCUMENTS', documents: [...this.#options.trustedDocuments] };
  }

  #onServing(member: Member, { welcome, address }: Serving): void {
    member.serving = true;
    member.address = address;
    this.#tellNeighbours();
    member.heartbeat = this.#startHeartbeat(member);
    this.#options.logger.info({ worker: member.worker.process.pid }, 'A worker is serving.');
    const waiting = [...this.#members].some(({ serving }) => !serving);
    if (this.#phase !== 'STARTING' || waiting) return;
    this.#phase = 'SERVING';
    this.#options.onServing(welcome);
  }

  /** Whatever blocks a worker may block it for minutes, and the connections given to it wait as long. */
  #startHeartbeat({ worker }: Member): Heartbeat {
    const { logger } = this.#options;
    return startHeartbeat({
      ...HEARTBEAT,
      monotonicMs,
      ask: () => worker.send(PING, ignore),
      onSilent: () => {
        const facts = { worker: worker.process.pid, silentMs: HEARTBEAT.timeoutMs };
        logger.error(facts, 'A worker does not respond and is terminated.');
        worker.process.kill('SIGKILL');
      },
    });
  }

  #onEnd(member: Member, { code, how }: End): void {
    this.#members.delete(member);
    this.#scrapes.ended(member.number);
    member.heartbeat?.stop();
    if (this.#phase === 'CLOSING') return;
    this.#tellNeighbours();
    const { logger, onFailure } = this.#options;
    if (this.#phase === 'STARTING') {
      onFailure(`A worker ended ${how} before all of them served; the reason is above.`);
      return;
    }
    const delayMs = this.#restarts.nextDelayMs();
    if (delayMs === null) {
      const seconds = RESTART_WINDOW_MS / 1_000;
      onFailure(
        `Workers keep ending, the last one ${how}; more than ` +
          `${this.#options.workers * RESTARTS_PER_WORKER_MAX} had to be replaced within ` +
          `${seconds} s. Tollgate stops: see its log for the reasons.`,
      );
      return;
    }
    const { pid } = member.worker.process;
    // A worker that is stopped gracefully is meant to be replaced.
    const level = code === 0 ? 'info' : 'error';
    logger[level]({ worker: pid, delayMs }, `A worker ended ${how}; another takes its place.`);
    this.#replaced += 1;
    setTimeout(() => {
      if (this.#phase === 'SERVING') this.#fork();
    }, delayMs);
  }
}

function endOf(worker: Worker): Promise<End> {
  return new Promise((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) => {
      resolve({ code, how: signal === null ? `with exit code ${code}` : `by ${signal}` });
    });
    worker.on('error', ({ message }: Error) => {
      // Any other error is followed by the end of the process concerned.
      if (worker.process.pid === undefined) resolve({ code: null, how: `at birth: ${message}` });
    });
  });
}

/** A worker that has just ended cannot receive it. */
function ignore(): void {
  return;
}

function isRejected(result: PromiseSettledResult<void>): result is PromiseRejectedResult {
  return result.status === 'rejected';
}
