import { type GraphQLSchema, isObjectType } from 'graphql';
import { encodeGlobalId } from './global-id.js';

/** How the file of a noun makes the id of a node, as passed to `builder.node`. */
type IdOf = (node: unknown) => string;

/**
 * The plugin's resolver of a node's id is asynchronous, for ids that have to be looked up. Ours
 * are all made of data at hand, and a promise for each would cost more than the id.
 */
export function withPlainIds(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || !type.getInterfaces().some(({ name }) => name === 'Node')) continue;
    const { id } = type.getFields();
    const idOf = idOfNode(type.extensions['pothosOptions']);
    if (id !== undefined) id.resolve = (node) => encodeGlobalId(type.name, idOf(node));
  }
  return schema;
}

/** Pothos keeps the options of every type as they were given, and `builder.node` wants an `id`. */
function idOfNode(options: unknown): IdOf {
  const { id } = options as { readonly id: { readonly resolve: IdOf } };
  return id.resolve;
}
