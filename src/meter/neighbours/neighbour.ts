/** The gateways that serve beside this one, as the write queue sees them. */
export interface Neighbours {
  /** The one that is to decide the customer's calls; null for this gateway, also if that one cannot be reached. */
  ownerOf(customerKey: string): Neighbour | null;
  /** How many there are, and how many of them can be reached now. */
  figures(): NeighbourFigures;
}

export interface Neighbour {
  /** Whether it takes the command: otherwise nothing was sent. Commands arrive in the order in which they are sent. */
  send(told: ToldCommand, asked: Asked): boolean;
}

/** Who has sent a command; exactly one of these is called, once. */
export interface Asked {
  answered(answer: ToldAnswer): void;
  /** The connection is lost: whether the command was carried out is not known. */
  lost(): void;
}

/** A command as JSON text without its brackets. A number is added in front of it, and behind it the trace of its call. */
export type ToldCommand = string;

/** What has become of it, as it was read from JSON. */
export type ToldAnswer = readonly unknown[];

export interface NeighbourFigures {
  readonly known: number;
  readonly reachable: number;
}
