import { Tally } from '../tally.js';

/** Why there is no line: what reads the log was too slow, another line tells it, or a setting limits how many there are. */
const REASONS = ['dropped', 'repeated', 'over_limit'] as const;

/** What a log leaves out. */
export class LogFigures {
  readonly omitted = new Tally<(typeof REASONS)[number]>(REASONS);
}

/** Of this process, which has one log. */
export const logFigures = new LogFigures();
