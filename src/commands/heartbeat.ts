/** Notices that another process does not answer any more. */
export interface HeartbeatOptions {
  /** How often it is asked. */
  readonly intervalMs: number;
  /** How long it may be silent. */
  readonly timeoutMs: number;
  readonly monotonicMs: () => number;
  readonly ask: () => void;
  /** It has been silent for so long. Called once. */
  readonly onSilent: () => void;
}

export interface Heartbeat {
  /** It has answered. */
  answered(): void;
  stop(): void;
}

/** On a machine that wakes this process later than by this part of an interval, the other one may not have had its turn. */
const LATENESS_MAX = 0.2;

/** A busy process answers between two calls; one that is silent is blocked by what it does. */
export const HEARTBEAT = { intervalMs: 500, timeoutMs: 5_000 } as const;

export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { intervalMs, timeoutMs, monotonicMs, ask, onSilent } = options;
  /**
   * Counted and not measured: where both processes were suspended, as on a laptop, nobody was silent. Only those are
   * counted that came in time.
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
