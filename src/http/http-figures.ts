import { Tally } from '../platform/tally.js';
import { OperationFigures } from './operation-figures.js';

/** Where a request was refused: before it was read, or because the write queue was full. */
export const SHED_AT = ['admission', 'write_queue'] as const;

/** What the pipeline has counted since its start. */
export class HttpFigures {
  readonly operations: OperationFigures;
  readonly shed = new Tally<(typeof SHED_AT)[number]>(SHED_AT);

  constructor(configured: readonly string[]) {
    this.operations = new OperationFigures(configured);
  }
}
