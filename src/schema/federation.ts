/** Our subgraph: which directives it uses, and which of its fields are for everyone. */
import { schema } from './index.js';
import { marked } from './subgraph/marks.js';
import { type Prefixes, prefixedNames } from './subgraph/names.js';
import { type Subgraph, subgraphOf } from './subgraph/subgraph.js';

const FEDERATION = 'https://specs.apollo.dev/federation/v2.9';

const DIRECTIVES = ['@cost', '@key', '@listSize', '@shareable', '@tag'];

const AUTHORIZATION_DIRECTIVES = ['@authenticated', '@requiresScopes'];

/** All others write, manage keys, or read more than one customer's data. */
const PUBLIC: ReadonlySet<string> = new Set(['customer', 'feature', 'features']);

export interface TollgateSubgraphOptions extends Prefixes {
  /** Whether routers compare scopes, as the API does. */
  readonly authorization?: boolean;
}

export function tollgateSubgraph({
  authorization = false,
  ...prefixes
}: TollgateSubgraphOptions): Subgraph {
  const directives = [...DIRECTIVES, ...(authorization ? AUTHORIZATION_DIRECTIVES : [])];
  return subgraphOf(marked(schema, { authorization, isPublic: (name) => PUBLIC.has(name) }), {
    names: prefixedNames(prefixes),
    links: [{ url: FEDERATION, import: directives.sort() }],
  });
}
