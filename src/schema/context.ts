import type { Commands } from '../meter/command.js';
import type { Store } from '../meter/store.js';
import type { Caller, VerbContext } from '../meter/verb.js';
import { REQUEST_EDGES_MAX } from './limits.js';
import { createLoaders, type Loaders } from './loaders.js';

/** What every resolver gets: made anew for each request. */
export interface Context extends VerbContext {
  readonly loaders: Loaders;
  /** How many edges the request may still ask for. */
  readonly edges: { left: number };
}

export function createContext(verbContext: VerbContext): Context {
  return new RequestContext(verbContext);
}

class RequestContext implements Context {
  readonly caller: Caller;
  readonly store: Store;
  readonly commands: Commands;
  readonly edges = { left: REQUEST_EDGES_MAX };
  #loaders: Loaders | undefined;

  constructor({ caller, store, commands }: VerbContext) {
    this.caller = caller;
    this.store = store;
    this.commands = commands;
  }

  /** Made when they are first asked for: a use that is tracked reads nothing. */
  get loaders(): Loaders {
    this.#loaders ??= createLoaders(this);
    return this.#loaders;
  }
}
