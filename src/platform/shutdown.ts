import { constants } from 'node:os';
import closeWithGrace from 'close-with-grace';
import { monotonicMs } from './clock.js';
import type { Logger } from './logger.js';

export interface ShutdownOptions {
  /** How long closing may take before the process ends anyway. */
  readonly graceMs: number;
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
  for (const signal of SIGNALS) {
    process.off(signal, exitBy);
    process.on(signal, onSignal);
  }
  return { signal: controller.signal, exitCode: () => code };
}

/** Ctrl-C reaches the process from the terminal and again from npm: that is one request, not two. */
const ECHO_MS = 1_000;

/**
 * Closes and ends the process on Ctrl-C or SIGTERM, with exit code 0, or after an uncaught
 * error, with 1. A second Ctrl-C ends it at once. The returned function begins the same closing;
 * called again, it does nothing.
 */
export function closeOnShutdown({ graceMs, logger, close }: ShutdownOptions): () => void {
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
      if (err !== undefined) logger.fatal({ err }, 'Uncaught error; closing.');
      await close();
    },
  );
  let closingSince: number | null = null;
  const begin = (reason: object) => {
    closingSince = monotonicMs();
    logger.info(reason, 'Closing.');
    closeProcess();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (closingSince === null) {
      begin({ signal });
    } else if (monotonicMs() - closingSince > ECHO_MS) {
      logger.warn({ signal }, 'Ended at once by a second signal.');
      process.exit(1);
    }
  };
  for (const signal of SIGNALS) {
    process.off(signal, exitBy);
    process.on(signal, onSignal);
  }
  return () => {
    if (closingSince === null) begin({});
  };
}
