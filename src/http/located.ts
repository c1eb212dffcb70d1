/** Where errors are in a document. graphql-js finds that anew for each error by counting the lines before it. */
import { type ASTNode, GraphQLError, locatedError } from 'graphql';

type Place = Pick<GraphQLError, 'nodes' | 'source' | 'positions' | 'locations'>;

/** An error that has been created without a place, at that of another. */
export function placedAs(
  { nodes, source, positions, locations }: Place,
  error: GraphQLError,
): GraphQLError {
  return Object.assign(error, { nodes, source, positions, locations });
}

const places = new WeakMap<readonly ASTNode[], Place>();

function placeOf(nodes: readonly ASTNode[]): Place {
  const known = places.get(nodes);
  if (known !== undefined) return known;
  const { source, positions, locations } = new GraphQLError('', { nodes });
  const place = { nodes, source, positions, locations };
  places.set(nodes, place);
  return place;
}

/** The error that `locatedError` makes of what a field throws. Its lines are counted once per list of nodes. */
export function fieldError(
  thrown: unknown,
  nodes: readonly ASTNode[],
  path: readonly (string | number)[],
): GraphQLError {
  const isPlaced = thrown instanceof GraphQLError && thrown.positions !== undefined;
  if (isPlaced && thrown.path === undefined) {
    return placedAs(thrown, new GraphQLError(thrown.message, { path, originalError: thrown }));
  }
  const error = locatedError(thrown, undefined, path);
  return error === thrown || error.positions !== undefined
    ? error
    : placedAs(placeOf(nodes), error);
}
