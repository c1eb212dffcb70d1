import type { ReadQueueFigures } from '../meter/read/read-figures.js';
import { type Family, gauge, histogram } from './family.js';

export function readFamilies(figures: () => ReadQueueFigures): Family[] {
  return [
    gauge(
      'tollgate_reads_waiting',
      'Reads that wait for their statement.',
      () => figures().waiting,
    ),
    gauge(
      'tollgate_read_statements_in_flight',
      'Read statements in progress.',
      () => figures().statementsInFlight,
    ),
    gauge(
      'tollgate_read_statements_in_flight_max',
      'How many read statements may be in progress.',
      () => figures().statementsMax,
    ),
    histogram('tollgate_read_statement_duration_seconds', 'Time of each read statement.', () => [
      [{}, figures().statementSeconds],
    ]),
    histogram('tollgate_read_statement_reads', 'Reads that share a statement.', () => [
      [{}, figures().statementReads],
    ]),
  ];
}
