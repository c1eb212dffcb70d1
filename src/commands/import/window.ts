/** The lines that are being recorded: a bounded number at once, reported in the order of the file. */
import { type UnavailableCode, UnavailableError } from '../../domain/unavailable.js';
import {
  type TrackBalance,
  type TrackBalanceInput,
  trackBalance,
} from '../../meter/track-balance.js';
import type { Result, VerbContext } from '../../meter/verb.js';
import type { Refused } from './read-line.js';

/** What became of a line. `UNDONE`: the import was interrupted before it was certain. */
export type LineOutcome =
  | { readonly kind: 'RECORDED'; readonly replayed: boolean }
  | { readonly kind: 'REFUSED'; readonly refused: Refused }
  | { readonly kind: 'UNDONE' };

export interface WindowOptions {
  readonly ctx: VerbContext;
  /** Null unless there is something to wait for. */
  readonly onOutcome: (line: number, outcome: LineOutcome) => Promise<void> | null;
  /** The database does not record for now; what was in flight is tried again. */
  readonly onTrouble: (error: Error) => void;
  readonly onRecovery: () => void;
  /** Resolves after so many milliseconds, or as soon as the import is interrupted. */
  readonly wait: (ms: number) => Promise<void>;
  readonly monotonicMs: () => number;
  readonly stop: AbortSignal;
}

/** Enough for the next batches of both lanes to wait while others are committed; more would only take memory. */
export const WINDOW_LINES = 2_000;
/** Of lines as they are in the file. In memory, each takes several times as much. */
export const WINDOW_BYTES = 16 * 1024 * 1024;

const PAUSE_MS_FIRST = 100;
/** The user learns of what lasts longer. */
const PAUSE_MS_TOLD = 400;
const PAUSE_MS_MAX = 3_200;
/** How long nothing may succeed. */
export const GIVE_UP_MS = 10 * 60_000;

/** Worth another try: nothing was done, or a repetition with the same key finds out. */
const PASSING: ReadonlySet<UnavailableCode> = new Set<UnavailableCode>([
  'OVERLOADED',
  'DATABASE_UNAVAILABLE',
  'WRITE_CONTENTION',
  'CUSTOMER_LOCKED',
  'DATABASE_TIMEOUT',
  'OUTCOME_UNKNOWN',
]);

/** What a line has come to; an error if it is to be tried again. */
type Settled = LineOutcome | UnavailableError;

interface InFlight {
  readonly line: number;
  readonly bytes: number;
  /** Null if the line was refused when it was read. */
  readonly input: TrackBalanceInput | null;
  /** Null until it is known. */
  settled: Settled | null;
}

/** Who waits for a line, one at a time: everything else about lines is done without promises, because there are millions. */
interface Waiter {
  readonly inFlight: InFlight;
  readonly resolve: (settled: Settled) => void;
}

export class ImportWindow {
  readonly #options: WindowOptions;
  /** A queue: what is before `#first` has been reported. */
  #lines: InFlight[] = [];
  #first = 0;
  #bytes = 0;
  #waiter: Waiter | null = null;
  #pauseMs = PAUSE_MS_FIRST;
  #troubleSince: number | null = null;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** Begins to record a line. Null if there is room for the next one, or else a promise that resolves once there is. */
  add(line: number, bytes: number, input: TrackBalanceInput): Promise<void> | null {
    const inFlight: InFlight = { line, bytes, input, settled: null };
    this.#submit(inFlight, input);
    return this.#add(inFlight);
  }

  addRefused(line: number, refused: Refused): Promise<void> | null {
    return this.#add({ line, bytes: 0, input: null, settled: { kind: 'REFUSED', refused } });
  }

  /** Resolves once every line has been reported. */
  async drain(): Promise<void> {
    while (this.#length > 0) await this.#retire();
  }

  get #length(): number {
    return this.#lines.length - this.#first;
  }

  get #isFull(): boolean {
    return this.#length >= WINDOW_LINES || this.#bytes >= WINDOW_BYTES;
  }

  #add(inFlight: InFlight): Promise<void> | null {
    this.#lines.push(inFlight);
    this.#bytes += inFlight.bytes;
    while (this.#isFull) {
      const first = this.#lines[this.#first];
      if (first === undefined || first.settled === null) return this.#makeRoom();
      if (first.settled instanceof UnavailableError) return this.#makeRoom();
      const reported = this.#report(first, first.settled);
      if (reported !== null) return reported.then(() => this.#makeRoom());
    }
    return null;
  }

  async #makeRoom(): Promise<void> {
    while (this.#isFull) await this.#retire();
  }

  /** Waits for the first line and reports it. */
  async #retire(): Promise<void> {
    const first = this.#lines[this.#first];
    if (first === undefined) return;
    let settled = await this.#settledOf(first);
    while (settled instanceof UnavailableError) {
      await this.#again();
      settled = this.#options.stop.aborted ? UNDONE : await this.#settledOf(first);
    }
    await this.#report(first, settled);
  }

  #report({ line, bytes }: InFlight, outcome: LineOutcome): Promise<void> | null {
    this.#recover();
    this.#first += 1;
    this.#bytes -= bytes;
    // Now and then, because it takes as long as there are lines.
    if (this.#first > WINDOW_LINES) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
    return this.#options.onOutcome(line, outcome);
  }

  /** Tries all lines again that failed for now, in order, once none is in flight any longer. */
  async #again(): Promise<void> {
    const { stop, wait, monotonicMs, onTrouble } = this.#options;
    const failed: InFlight[] = [];
    let error: Error | null = null;
    for (const inFlight of this.#lines.slice(this.#first)) {
      const settled = await this.#settledOf(inFlight);
      if (!(settled instanceof UnavailableError)) continue;
      error ??= settled;
      failed.push(inFlight);
    }
    if (stop.aborted || error === null) return;
    this.#troubleSince ??= monotonicMs();
    if (monotonicMs() - this.#troubleSince > GIVE_UP_MS) throw error;
    if (this.#pauseMs === PAUSE_MS_TOLD) onTrouble(error);
    await wait(this.#pauseMs);
    this.#pauseMs = Math.min(PAUSE_MS_MAX, this.#pauseMs * 2);
    if (stop.aborted) return;
    for (const inFlight of failed) {
      if (inFlight.input !== null) this.#submit(inFlight, inFlight.input);
    }
  }

  #recover(): void {
    if (this.#troubleSince === null) return;
    const wasTold = this.#pauseMs > PAUSE_MS_TOLD;
    this.#troubleSince = null;
    this.#pauseMs = PAUSE_MS_FIRST;
    if (wasTold && !this.#options.stop.aborted) this.#options.onRecovery();
  }

  async #settledOf(inFlight: InFlight): Promise<Settled> {
    if (inFlight.settled !== null) return inFlight.settled;
    return new Promise((resolve) => {
      this.#waiter = { inFlight, resolve };
    });
  }

  /** Keeps nothing of the result. */
  #submit(inFlight: InFlight, input: TrackBalanceInput): void {
    inFlight.settled = null;
    trackBalance(this.#options.ctx, input).then(
      (result) => this.#settle(inFlight, outcomeOf(result)),
      (error: unknown) => this.#settle(inFlight, failureOf(error)),
    );
  }

  #settle(inFlight: InFlight, settled: Settled): void {
    inFlight.settled = settled;
    const waiter = this.#waiter;
    if (waiter?.inFlight !== inFlight) return;
    this.#waiter = null;
    waiter.resolve(settled);
  }
}

const UNDONE = { kind: 'UNDONE' } as const;

const RECORDED = { kind: 'RECORDED', replayed: false } as const;
const REPLAYED = { kind: 'RECORDED', replayed: true } as const;

function outcomeOf(result: Result<TrackBalance>): LineOutcome {
  if (!result.ok) return { kind: 'REFUSED', refused: result.refusal };
  return result.value.replayed ? REPLAYED : RECORDED;
}

function failureOf(error: unknown): Settled {
  if (!(error instanceof UnavailableError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'REFUSED', refused: { code: 'INTERNAL_ERROR', message } };
  }
  if (PASSING.has(error.code)) return error;
  return { kind: 'REFUSED', refused: { code: error.code, message: error.message } };
}
