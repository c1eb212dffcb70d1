import { constants } from 'node:os';
import closeWithGrace from 'close-with-grace';
import { monotonicMs } from './clock.js';
import type { Logger } from './logger.js';

export interface ShutdownOptions {
  /** How long closing may take before the process ends anyway. */
  readonly graceMs: number;
  /** How long everything goes on as before once SIGTERM has been announced. */
  readonly delayMs: number;
  /** Tells others that the end is near; false if that is pointless, so that there is no delay. */
  readonly announce: () => boolean;
  /** Called with signals instead of all this, by a process that another one ends. */
  readonly onSignal?: () => void;
  readonly logger: Logger;
  readonly close: () => Promise<void>;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Ends the process on Ctrl-C or SIGTERM, until `closeOnShutdown` takes over. Without a listener, the kernel would not
 * deliver them to a process that is the first one of a container.
 */
export function exitOnSignals(): void {
  for (const signal of SIGNALS) process.on(signal, exitBy);
}

/** With the exit code that a shell gives to a process that has died of the signal. */
function exitBy(signal: NodeJS.Signals): never {
  process.exit(128 + constants.signals[signal]);
}

export interface Interruption {
  /** Aborted by the first Ctrl-C or SIGTERM, which no longer end the process. */
  readonly signal: AbortSignal;
  /** The exit code that says so; null if there was none. */
  exitCode(): number | null;
}

/** Lets a command end properly on Ctrl-C or SIGTERM; a second one ends it at once. */
export function interruption(): Interruption {
  const controller = new AbortController();
  let code: number | null = null;
  let since = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (code !== null && monotonicMs() - since > ECHO_MS) exitBy(signal);
    if (code !== null) return;
    code = 128 + constants.signals[signal];
    since = monotonicMs();
    controller.abort();
  };
  takeSignals(onSignal);
  return { signal: controller.signal, exitCode: () => code };
}

/** Ctrl-C reaches the process from the terminal and again from npm: that is one request, not two. */
const ECHO_MS = 1_000;

/** How long after a first signal another process of the same program must have got it too. */
export const SIGNAL_SPREAD_MS = ECHO_MS;

/**
 * Closes and ends the process on Ctrl-C or SIGTERM, with exit code 0, or after an uncaught
 * error, with 1. SIGTERM, which is what a deployment sends, is announced before; Ctrl-C is not, because a person waits. The
 * next signal ends what is being waited for: the announcement, or the process. The returned function begins the closing at once;
 * called again, it does nothing.
 */
export function closeOnShutdown(options: ShutdownOptions): () => void {
  const { graceMs, delayMs, announce, logger, close } = options;
  let phase: 'OPEN' | 'ANNOUNCED' | 'CLOSING' = 'OPEN';
  let since = Number.NEGATIVE_INFINITY;
  let delay: NodeJS.Timeout | undefined;
  const enter = (next: 'ANNOUNCED' | 'CLOSING') => {
    phase = next;
    since = monotonicMs();
    clearTimeout(delay);
  };
  const { close: closeProcess } = closeWithGrace(
    {
      // This limit expires after the one that cuts off requests.
      delay: graceMs + ECHO_MS,
      logger: false,
      skip: ['beforeExit', 'SIGINT', 'SIGTERM'],
      onSecondError: (error) => logger.fatal({ err: error }, 'An error while closing.'),
      onTimeout: (delayMs) => logger.error({ delayMs }, 'Closing took too long; ended.'),
    },
    async ({ err }) => {
      enter('CLOSING');
      if (err !== undefined) logger.fatal({ err }, 'Uncaught error; closing.');
      await close();
    },
  );
  const begin = (reason: object) => {
    if (phase === 'CLOSING') return;
    enter('CLOSING');
    logger.info(reason, 'Closing.');
    closeProcess();
  };
  const onFirst = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGTERM' || delayMs === 0 || !announce()) {
      begin({ signal });
      return;
    }
    enter('ANNOUNCED');
    logger.info({ signal, delayMs }, 'Not ready any more; closing after a delay.');
    delay = setTimeout(() => begin({ signal }), delayMs);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (monotonicMs() - since <= ECHO_MS) return;
    if (phase === 'OPEN') {
      onFirst(signal);
    } else if (phase === 'ANNOUNCED') {
      begin({ signal });
    } else {
      logger.warn({ signal }, 'Ended at once by a second signal.');
      process.exit(1);
    }
  };
  takeSignals(options.onSignal ?? onSignal);
  return () => begin({});
}

function takeSignals(listener: (signal: NodeJS.Signals) => void): void {
  for (const signal of SIGNALS) {
    process.off(signal, exitBy);
    process.on(signal, listener);
  }
}
