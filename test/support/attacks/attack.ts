/** What an attacker sends, what the answer must be, and what it may cost. */
import type { Place, Site } from './site.js';

export interface Attack {
  readonly name: string;
  /** What each connection sends; all are opened at once. */
  readonly sends: (site: Site) => readonly Bytes[];
  /** The answers on each connection: status and code, as `summaryOf` reads them. Several if connections are answered differently. */
  readonly answers: string | readonly string[];
  /** The client sends no more, and waits: the others are answered meanwhile, and then it gives up. */
  readonly isHeld?: true;
  /** The gateway that it is sent to, if not the usual one. */
  readonly at?: Place;
  readonly bounds?: Partial<Bounds>;
  /** The tables that an accepted request writes to. */
  readonly writes?: readonly string[];
}

/** Attacks of one kind. */
export interface Attacks {
  readonly kind: string;
  readonly attacks: readonly Attack[];
}

export type Bytes = string | Uint8Array;

/**
 * What an attack may cost the gateway. Processor time is counted in ordinary requests, whose cost is measured in the same run:
 * how long something takes depends on the machine and on what else it does, and a test must not.
 */
export interface Bounds {
  /** The processor time of all of it. */
  readonly work: number;
  /** The most processor time between two turns of the event loop: for so long, the others wait. */
  readonly turn: number;
  /** The statements of each connection: for its key, for what it reads, and for a write that is refused. */
  readonly statements: number;
  /** The most by which the memory in use grows meanwhile. */
  readonly peakBytes: number;
}

const MIB = 1024 * 1024;

/** For an attack of the size of an ordinary request. */
export const SMALL: Bounds = { work: 200, turn: 100, statements: 4, peakBytes: 64 * MIB };

/** For one as large as the limits of documents and bodies allow. */
export const LARGE: Bounds = { work: 700, turn: 250, statements: 4, peakBytes: 256 * MIB };
