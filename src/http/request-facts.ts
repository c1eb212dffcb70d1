import type { Caller } from '../meter/verb.js';

/** What the plugins find out about a request, each for those after it. */
export interface RequestFacts {
  /** Set once the key has been found good. */
  caller?: Caller;
  /** By the process's own steady clock, in milliseconds. */
  startedAt?: number;
  /** The name of the operation that is run, if it has one. */
  operation?: string;
}
