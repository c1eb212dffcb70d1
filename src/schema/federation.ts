/** Our subgraph: which specifications its directives come from. */
import { schema } from './index.js';
import { type Prefixes, prefixedNames } from './subgraph/names.js';
import { type Subgraph, subgraphOf } from './subgraph/subgraph.js';

const LINKS = [
  {
    url: 'https://specs.apollo.dev/federation/v2.9',
    import: ['@cost', '@key', '@listSize', '@shareable', '@tag'],
  },
];

export function tollgateSubgraph(prefixes: Prefixes): Subgraph {
  return subgraphOf(schema, { names: prefixedNames(prefixes), links: LINKS });
}
