import { type DestinationStream, type Logger, pino } from 'pino';
import { cleaned, errorFacts } from './log/clean.js';
import { logFigures } from './log/log-figures.js';
import { Output } from './log/output.js';
import { readableLines } from './log/readable.js';
import { Repeats } from './log/repeats.js';
import { PIPE_BUF, stderrSink } from './log/sink.js';
import { withoutSecrets } from './log/without-secrets.js';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Lines for people instead of JSON for machines. */
  readonly readable: boolean;
  /** Distinguishes processes that write to the same place. */
  readonly pid?: number;
}

/** Written at once by a process that has no others beside it. */
const WRITE_BYTES_MAX = 16 * 1024;

/** One line per event on stderr, so that stdout is reserved for messages to the user. */
export function createLogger({ level, readable, pid }: LoggerOptions): Logger {
  const repeats = new Repeats(logFigures);
  if (readable || level === 'silent') return loggerOn(readableLines(), { level, pid, repeats });
  const output = new Output({
    sink: stderrSink(),
    figures: logFigures,
    writeBytesMax: pid === undefined ? WRITE_BYTES_MAX : PIPE_BUF,
    onDropped: (times) => {
      logger.warn({ times }, 'Log lines were dropped: they were not read fast enough.');
    },
  });
  const logger = loggerOn(output, { level, pid, repeats });
  process.once('exit', () => {
    repeats.flush();
    output.flush();
  });
  return logger;
}

interface LoggerOnOptions {
  readonly level: LogLevel;
  readonly pid?: number | undefined;
  readonly repeats: Repeats;
}

/**
 * Warnings and errors that repeat are told once a second. Of errors, only what is safe to show is logged, and what is named here never
 * appears, in case a whole request is logged.
 */
export function loggerOn(
  destination: DestinationStream,
  { level, pid, repeats }: LoggerOnOptions,
): Logger {
  return pino(
    {
      level,
      base: pid === undefined ? null : { pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error) => errorFacts(error), reason: cleaned },
      hooks: {
        logMethod(args, method, at) {
          const [facts, message] = factsAndMessage(args);
          const log = (told: object) => method.apply(this, [told, message]);
          if (at < WARN || at >= FATAL) log(facts);
          else tellRepeated(repeats, facts, message, log);
        },
      },
    },
    destination,
  );
}

const WARN = 40;
const FATAL = 60;

function tellRepeated(
  repeats: Repeats,
  facts: Repeated,
  message: string,
  log: (facts: object) => void,
): void {
  const { times = 1 } = facts;
  repeats.add(message, reasonOf(facts), times, (sum) => {
    log(sum > 1 ? { ...facts, times: sum } : facts);
  });
}

interface Repeated {
  /** How many occurrences it stands for. */
  readonly times?: number;
  readonly code?: unknown;
  readonly reason?: unknown;
  readonly err?: unknown;
}

function factsAndMessage(args: readonly unknown[]): readonly [Repeated, string] {
  const [first, second] = args;
  if (typeof first === 'object' && first !== null)
    return [withoutSecrets(first), String(second ?? '')];
  return [{}, String(first)];
}

const REASON_CHARS_MAX = 100;

/** What distinguishes occurrences of one message. */
function reasonOf({ code, reason, err }: Repeated): string {
  const error = err instanceof Error ? `${err.name} ${err.message.slice(0, REASON_CHARS_MAX)}` : '';
  return `${String(code ?? '')} ${String(reason ?? '').slice(0, REASON_CHARS_MAX)} ${error}`;
}
