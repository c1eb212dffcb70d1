import { type DestinationStream, destination, type Logger, pino } from 'pino';

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

/**
 * One line per event on stderr, so that stdout is reserved for messages to the user. The fields named
 * here never appear, in case a whole request is logged.
 */
export function createLogger({ level, readable, pid }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: pid === undefined ? null : { pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_PATHS, censor: '[secret]' },
    },
    readable
      ? readableLines()
      : destination({
          dest: STDERR,
          sync: false,
          ...(pid !== undefined && { maxWrite: PIPE_BUF }),
        }),
  );
}

const STDERR = 2;

/** The number of bytes that Linux writes to a pipe atomically, so that lines of different processes never mix. */
const PIPE_BUF = 4_096;

const SECRET_PATHS = [
  'authorization',
  'headers.authorization',
  'headers.cookie',
  'request.headers.authorization',
  'request.headers.cookie',
  'secret',
  'password',
  'connectionString',
];

function readableLines(): DestinationStream {
  return {
    write: (line) => {
      process.stderr.write(`${readable(line)}\n`);
    },
  };
}

/** `12:03:04 warn  The database is slow. waitedMs=1200` */
function readable(json: string): string {
  const { time, level, msg, err, ...rest }: Record<string, unknown> = JSON.parse(json);
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${fieldText(value)}`);
  const clock = String(time).slice(11, 19);
  const first = [clock, String(level).padEnd(5), String(msg ?? ''), ...fields].join(' ');
  return err === undefined ? first : `${first}\n${errorText(err)}`;
}

function fieldText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** As pino's serializer writes an error, with its stack as text. */
function errorText(error: unknown): string {
  const stack = error instanceof Object && 'stack' in error ? error.stack : error;
  return String(stack).replace(/^/gm, '  ');
}
