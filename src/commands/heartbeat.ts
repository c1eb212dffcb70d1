/** Notices that another process does not answer any more. */

export interface HeartbeatOptions {
  /** How often it is asked. */
  readonly intervalMs: number;
  /** How long it may be silent. */
  readonly timeoutMs: number;
  readonly ask: () => void;
  /** It has been silent for so long. Called once. */
  readonly onSilent: () => void;
}

export interface Heartbeat {
  /** It has answered. */
  answered(): void;
  stop(): void;
}

/** A busy process answers between two calls; one that is silent is blocked by what it does. */
export const HEARTBEAT = { intervalMs: 500, timeoutMs: 5_000 } as const;

export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { intervalMs, timeoutMs, ask, onSilent } = options;
  /** Counted and not measured: where both processes were suspended, as on a laptop, nobody was silent. */
  let silentTicks = 0;
  const timer = setInterval(() => {
    silentTicks += 1;
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
