export const GRAPHQL_PATH = '/graphql';

export function isGraphqlPath(path: string): boolean {
  return path === GRAPHQL_PATH || path === `${GRAPHQL_PATH}/`;
}
