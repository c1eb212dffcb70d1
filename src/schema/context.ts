import type { ReadContext, VerbContext } from '../meter/verb.js';
import { REQUEST_EDGES_MAX } from './input/limits.js';

/** What every resolver gets: made anew for each request. */
export interface Context extends VerbContext, ReadContext {
  /** How many edges the request may still ask for. */
  readonly edges: { left: number };
}

export function createContext(verbContext: VerbContext & ReadContext): Context {
  const { caller, store, writeQueue, readQueue } = verbContext;
  const edges = { left: REQUEST_EDGES_MAX };
  return { caller, store, writeQueue, readQueue, edges };
}
