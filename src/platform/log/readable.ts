import type { DestinationStream } from 'pino';

/** Lines for people, on a terminal. */
export function readableLines(): DestinationStream {
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

/** As it is logged, with its stack as text. */
function errorText(error: unknown): string {
  if (!(error instanceof Object)) return indented(String(error));
  const { type, message, stack, cause }: LoggedError = error;
  const text = indented(
    [`${type}: ${message}`, ...(stack === undefined ? [] : [stack])].join('\n'),
  );
  return cause === undefined ? text : `${text}\n  caused by\n${errorText(cause)}`;
}

interface LoggedError {
  readonly type?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly cause?: unknown;
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
