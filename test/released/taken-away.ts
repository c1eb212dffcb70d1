/**
 * What the next release takes away from clients or supergraphs, each with a reason that CHANGELOG.md can give them. A breaking
 * change that is not listed here fails `npm test`, and so does a line that is not needed any more.
 */
export interface TakenAway {
  readonly file: 'schema.graphql' | 'subgraph.graphql';
  /** The sentence that `npm test` has printed. */
  readonly change: string;
  readonly reason: string;
}

export const TAKEN_AWAY: readonly TakenAway[] = [];
