import { whole } from './setting.js';

/** How a gateway ends. */
export interface ShutdownConfig {
  readonly drainDelayMs: number;
  readonly shutdownGraceMs: number;
}

export const shutdownSettings = {
  DRAIN_DELAY_MS: whole({
    default: 5_000,
    min: 0,
    max: 600_000,
    meaning:
      'How long after SIGTERM `/ready` answers 503 while calls are answered as before, so that load balancers ' +
      'choose another gateway before this one closes. Ctrl-C does not wait, and a second signal ends the wait.',
  }),
  SHUTDOWN_GRACE_MS: whole({
    default: 10_000,
    min: 0,
    max: 600_000,
    meaning:
      'How long a shutdown may take after `DRAIN_DELAY_MS`: half of it to send clients elsewhere, half to answer calls.',
  }),
};

interface Environment {
  readonly DRAIN_DELAY_MS: number;
  readonly SHUTDOWN_GRACE_MS: number;
}

export function shutdownConfigOf(environment: Environment): ShutdownConfig {
  return {
    drainDelayMs: environment.DRAIN_DELAY_MS,
    shutdownGraceMs: environment.SHUTDOWN_GRACE_MS,
  };
}
