/** Records the answers in the measured part of a run. */
import type { LoadResult } from '../protocol.js';
import { latenciesOf } from '../statistics.js';
import type { Verdict } from './response.js';

/** The maximum number of answers in a run; a run of minutes has a tenth of it. */
const LATENCIES_MAX = 4_000_000;
const FAILURE_CHARS_MAX = 1_000;

export class Recorder {
  readonly #operations: number;
  readonly #accepted = new Latency();
  readonly #refused = new Latency();
  readonly #refusalsAreFine: boolean;
  /** All answers, including those of the warm-up. */
  seen = 0;
  #failures = 0;
  #failure: string | null = null;
  #startedAt = 0;
  #endedAt = 0;
  #cpu = process.cpuUsage();
  #generatorCpuUs = 0;
  #measuring = false;

  constructor(options: { readonly operations: number; readonly refusalsAreFine: boolean }) {
    this.#operations = options.operations;
    this.#refusalsAreFine = options.refusalsAreFine;
  }

  start(now: number): void {
    this.#measuring = true;
    this.#startedAt = now;
    this.#cpu = process.cpuUsage();
  }

  stop(now: number): void {
    if (!this.#measuring) return;
    this.#measuring = false;
    this.#endedAt = now;
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#generatorCpuUs = user + system;
  }

  /** Failures count in the warm-up as well, because they do not depend on speed. */
  answer(verdict: Verdict, latencyMs: number, text: Buffer): void {
    if (verdict === 'SUCCESS') this.succeed(latencyMs);
    else if (verdict === 'REFUSED' && this.#refusalsAreFine) this.#record(this.#refused, latencyMs);
    else this.fail(text.toString('utf8'));
  }

  succeed(latencyMs: number): void {
    this.#record(this.#accepted, latencyMs);
  }

  #record(latencies: Latency, latencyMs: number): void {
    this.seen += 1;
    if (this.#measuring) latencies.add(latencyMs);
  }

  fail(what: string): void {
    this.#failures += 1;
    this.#failure ??= what.slice(0, FAILURE_CHARS_MAX);
  }

  get answers(): number {
    return this.#accepted.count + this.#refused.count;
  }

  get failures(): number {
    return this.#failures;
  }

  result(unsent: number): LoadResult {
    const latencies = latenciesOf(this.#accepted.values());
    return {
      seconds: (this.#endedAt - this.#startedAt) / 1_000,
      operations: latencies.count * this.#operations,
      latencies,
      refusals: latenciesOf(this.#refused.values()),
      failures: this.#failures,
      failure: this.#failure,
      unsent,
      generatorCpuUs: this.#generatorCpuUs,
    };
  }
}

/** Latencies in a buffer that doubles if necessary, without garbage per answer. */
class Latency {
  #values = new Float32Array(65_536);
  count = 0;

  add(latencyMs: number): void {
    if (this.count === this.#values.length) this.#grow();
    this.#values[this.count] = latencyMs;
    this.count += 1;
  }

  values(): Float32Array {
    return this.#values.subarray(0, this.count);
  }

  #grow(): void {
    if (this.count >= LATENCIES_MAX) throw new Error(`more than ${LATENCIES_MAX} answers`);
    const larger = new Float32Array(2 * this.#values.length);
    larger.set(this.#values);
    this.#values = larger;
  }
}
