import type { VerbContext } from '../meter/verb.js';
import { REQUEST_EDGES_MAX } from './input/limits.js';
import { createLoaders, type Loaders } from './loaders.js';

/** What every resolver gets: made anew for each request. */
export interface Context extends VerbContext {
  readonly loaders: Loaders;
  /** How many edges the request may still ask for. */
  readonly edges: { left: number };
}

export function createContext(verbContext: VerbContext): Context {
  const { caller, store, writeQueue } = verbContext;
  const edges = { left: REQUEST_EDGES_MAX };
  return { caller, store, writeQueue, loaders: createLoaders(verbContext), edges };
}
