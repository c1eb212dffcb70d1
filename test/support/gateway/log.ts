import { type Logger, pino } from 'pino';

/** A log that a test can read. */
export interface TestLog {
  readonly logger: Logger;
  /** Every line so far, parsed. */
  lines(): Record<string, unknown>[];
  text(): string;
}

export function createLog(): TestLog {
  const written: string[] = [];
  const logger = pino(
    { level: 'trace', base: null, formatters: { level: (level) => ({ level }) } },
    { write: (line) => written.push(line) },
  );
  return {
    logger,
    lines: () => written.map((line) => JSON.parse(line)),
    text: () => written.join(''),
  };
}
