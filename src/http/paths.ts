export const GRAPHQL_PATH = '/graphql';

/** For gateways of a larger graph. */
export const SUBGRAPH_PATH = '/subgraph';

export function isGraphqlPath(path: string): boolean {
  return path === GRAPHQL_PATH || path === `${GRAPHQL_PATH}/`;
}
