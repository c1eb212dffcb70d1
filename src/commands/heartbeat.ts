/** Detects that another process no longer responds. */
export interface HeartbeatOptions {
  /** How often it is pinged. */
  readonly intervalMs: number;
  /** How long it may be silent. */
  readonly timeoutMs: number;
  readonly monotonicMs: () => number;
  readonly ask: () => void;
  /** It has been silent for that long. Called once. */
  readonly onSilent: () => void;
}

export interface Heartbeat {
  /** It has answered. */
  answered(): void;
  stop(): void;
}

/** If this process wakes up later than by this part of an interval, the other one may not have had processor time either. */
const LATENESS_MAX = 0.2;

/** A busy process answers between two calls; a silent one is blocked by something it does. */
export const HEARTBEAT = { intervalMs: 500, timeoutMs: 5_000 } as const;

export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { intervalMs, timeoutMs, monotonicMs, ask, onSilent } = options;
  /**
   * Counted and not measured: if both processes were suspended, as on a laptop, neither was silent. Only intervals
   * that ended in time are counted.
   */
  let silentTicks = 0;
  let lastTick = monotonicMs();
  const timer = setInterval(() => {
    const now = monotonicMs();
    if (now - lastTick <= intervalMs * (1 + LATENESS_MAX)) silentTicks += 1;
    lastTick = now;
    if (silentTicks * intervalMs > timeoutMs) {
      clearInterval(timer);
      onSilent();
    } else {
      ask();
    }
  }, intervalMs).unref();
  return {
    answered: () => {
      silentTicks = 0;
    },
    stop: () => clearInterval(timer),
  };
}
