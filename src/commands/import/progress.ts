/** How far an import, or another long command, is: a bar on a terminal, otherwise a line now and then. */
import { monotonicMs as monotonicNow } from '../../platform/clock.js';

export interface Progress {
  /** To be called often. */
  tick(done: Done): void;
  /** A sentence between the figures. */
  say(sentence: string): void;
  /** Removes the bar. */
  end(): void;
}

export interface Done {
  readonly lines: number;
  readonly bytes: number;
}

export interface ProgressOptions {
  readonly output: { readonly isTTY?: boolean; write(text: string): unknown };
  /** Null if nothing tells how much there is. */
  readonly bytesTotal: number | null;
  readonly monotonicMs: () => number;
  /** What `lines` counts if it is not lines. */
  readonly noun?: string;
}

/** How often the work is asked how far it is. */
const TICK_MS = 250;

const LINE_INTERVAL_MS = 10_000;
const BAR_CHARS = 24;
/** The rate is that of the last so many ticks: the database may have become slower. */
const SAMPLES = 40;

interface Sample extends Done {
  readonly at: number;
}

export function createProgress(options: ProgressOptions): Progress {
  const { output, bytesTotal, monotonicMs, noun = 'lines' } = options;
  const isTerminal = output.isTTY === true;
  const samples: Sample[] = [{ at: monotonicMs(), lines: 0, bytes: 0 }];
  let saidAt = monotonicMs();
  const clear = () => {
    if (isTerminal) output.write('\r\x1b[K');
  };
  return {
    tick(done) {
      const at = monotonicMs();
      samples.push({ at, ...done });
      if (samples.length > SAMPLES) samples.shift();
      if (!isTerminal && at - saidAt < LINE_INTERVAL_MS) return;
      saidAt = at;
      clear();
      const shown = { bytesTotal, noun };
      output.write(isTerminal ? barOf(samples, shown) : `${lineOf(samples, shown)}\n`);
    },
    say(sentence) {
      clear();
      output.write(`${sentence}\n`);
    },
    end: clear,
  };
}

export interface WatchedProgress extends Pick<Progress, 'say' | 'end'> {
  /** A sentence about work of which nothing tells how far it is. */
  sayLast(sentence: string): void;
}

/** On stderr; the work is asked how far it is until it ends. */
export function watchProgress(
  options: Pick<ProgressOptions, 'bytesTotal' | 'noun'>,
  done: () => Done,
): WatchedProgress {
  const progress = createProgress({
    ...options,
    output: process.stderr,
    monotonicMs: monotonicNow,
  });
  const ticking = setInterval(() => progress.tick(done()), TICK_MS);
  return {
    say: progress.say,
    sayLast(sentence) {
      clearInterval(ticking);
      progress.say(sentence);
    },
    end() {
      clearInterval(ticking);
      progress.end();
    },
  };
}

interface Shown {
  readonly bytesTotal: number | null;
  readonly noun: string;
}

function barOf(samples: readonly Sample[], shown: Shown): string {
  const { bytesTotal } = shown;
  const text = lineOf(samples, shown);
  if (bytesTotal === null) return text;
  const filled = Math.round(partOf(samples, bytesTotal) * BAR_CHARS);
  return `[${'#'.repeat(filled).padEnd(BAR_CHARS, '.')}] ${text}`;
}

function lineOf(samples: readonly Sample[], { bytesTotal, noun }: Shown): string {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return '';
  const seconds = (last.at - first.at) / 1_000;
  const perSecond = (of: 'lines' | 'bytes') => (seconds > 0 ? (last[of] - first[of]) / seconds : 0);
  const lines = `${thousands(last.lines)} ${noun}, ${thousands(Math.round(perSecond('lines')))}/s`;
  if (bytesTotal === null) return lines;
  const percent = `${Math.floor(partOf(samples, bytesTotal) * 100)} %`;
  const left = Math.max(0, bytesTotal - last.bytes) / perSecond('bytes');
  return `${percent}, ${lines}${Number.isFinite(left) ? `, ${durationOf(left)} left` : ''}`;
}

function partOf(samples: readonly Sample[], bytesTotal: number): number {
  return bytesTotal === 0 ? 1 : Math.min(1, (samples.at(-1)?.bytes ?? 0) / bytesTotal);
}

/** 1,234,567 */
export function thousands(count: number): string {
  return count.toLocaleString('en');
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationOf(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
