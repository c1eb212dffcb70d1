import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';

/** A schema of our own shape whose `trackBalance` is resolved by the baseline. */
export function stockSchema(resolve: GraphQLFieldResolver<unknown, unknown>): GraphQLSchema {
  const sdl = readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8');
  const schema = buildSchema(sdl);
  const field = schema.getMutationType()?.getFields()['trackBalance'];
  if (field === undefined) throw new Error('schema.graphql has no trackBalance');
  field.resolve = resolve;
  return schema;
}
