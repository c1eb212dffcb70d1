export interface RestartLimitOptions {
  /** The maximum number of restarts within a minute; more indicate a loop. */
  readonly restartsMax: number;
  readonly monotonicMs: () => number;
}

export interface RestartLimit {
  /** How long to wait before the next restart; null if there should be no more. */
  nextDelayMs(): number | null;
}

export const RESTART_WINDOW_MS = 60_000;

const DELAY_FIRST_MS = 100;
const DELAY_MAX_MS = 5_000;

/** The first restart of a minute is immediate, each further one waits twice as long. */
export function createRestartLimit({
  restartsMax,
  monotonicMs,
}: RestartLimitOptions): RestartLimit {
  let restarts: number[] = [];
  return {
    nextDelayMs: () => {
      const now = monotonicMs();
      restarts = restarts.filter((at) => now - at < RESTART_WINDOW_MS);
      if (restarts.length >= restartsMax) return null;
      restarts.push(now);
      if (restarts.length === 1) return 0;
      return Math.min(DELAY_FIRST_MS * 2 ** (restarts.length - 2), DELAY_MAX_MS);
    },
  };
}
