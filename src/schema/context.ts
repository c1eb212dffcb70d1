import type { ReadContext, VerbContext } from '../meter/verb.js';
import type { Execution } from './execution.js';

/** What every resolver gets; created for each request. */
export interface Context extends VerbContext, ReadContext {
  readonly execution: Execution;
}
