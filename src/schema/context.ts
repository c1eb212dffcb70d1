import type { VerbContext } from '../meter/verb.js';
import { REQUEST_EDGES_MAX } from './limits.js';
import { createLoaders, type Loaders } from './loaders.js';

/** What every resolver gets: made anew for each request. */
export interface Context extends VerbContext {
  readonly loaders: Loaders;
  /** How many edges the request may still ask for. */
  readonly edges: { left: number };
}

export function createContext(verbContext: VerbContext): Context {
  let loaders: Loaders | undefined;
  return {
    caller: verbContext.caller,
    store: verbContext.store,
    commands: verbContext.commands,
    edges: { left: REQUEST_EDGES_MAX },
    // Made when they are first asked for: a use that is tracked reads nothing.
    get loaders() {
      loaders ??= createLoaders(verbContext);
      return loaders;
    },
  };
}
