/** The names of types and root fields in the subgraph: they must not be those of other subgraphs. */

export interface Prefixes {
  readonly typePrefix: string;
  readonly fieldPrefix: string;
}

export interface SubgraphNames {
  readonly typeName: (name: string) => string;
  readonly rootFieldName: (name: string) => string;
}

export const DEFAULT_PREFIXES: Prefixes = { typePrefix: 'Tollgate', fieldPrefix: '' };

/**
 * What has the same name in every graph: the roots, scalars and `PageInfo`, which subgraphs share, and `Customer`, which
 * others extend.
 */
const KEPT: ReadonlySet<string> = new Set(['Query', 'Mutation', 'PageInfo', 'Customer']);

export function prefixedNames({ typePrefix, fieldPrefix }: Prefixes): SubgraphNames {
  return {
    typeName: (name) => (KEPT.has(name) ? name : `${typePrefix}${name}`),
    rootFieldName: (name) => `${fieldPrefix}${name}`,
  };
}
