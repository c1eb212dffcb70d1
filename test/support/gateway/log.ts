import { LogFigures } from '../../../src/platform/log/log-figures.js';
import { Repeats } from '../../../src/platform/log/repeats.js';
import { type Logger, loggerOn } from '../../../src/platform/logger.js';

/** A log that a test can read. */
export interface TestLog {
  readonly logger: Logger;
  /** Every line so far, parsed. */
  lines(): Record<string, unknown>[];
  text(): string;
}

/**
 * As the gateway's, except for where it is written. What repeats is written when the log is read, and what happens then is the first of its kind
 * again, unless the test has the time pass.
 */
export function createLog(time: 'READING' | 'PASSES' = 'READING'): TestLog {
  const written: string[] = [];
  const destination = { write: (line: string) => written.push(line) };
  const repeats = new Repeats(new LogFigures());
  const read = () => {
    if (time === 'READING') repeats.flush();
    return written;
  };
  return {
    logger: loggerOn(destination, { level: 'trace', repeats }),
    lines: () => read().map((line) => JSON.parse(line)),
    text: () => read().join(''),
  };
}
