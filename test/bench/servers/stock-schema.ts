import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';

const SDL = new URL('../../../schema.graphql', import.meta.url);

/** Tollgate's schema with a `trackBalance` that the baseline resolves. */
export function stockSchema(resolve: GraphQLFieldResolver<unknown, unknown>): GraphQLSchema {
  const schema = buildSchema(readFileSync(SDL, 'utf8'));
  const field = schema.getMutationType()?.getFields()['trackBalance'];
  if (field === undefined) throw new Error('schema.graphql has no trackBalance');
  field.resolve = resolve;
  return schema;
}

/** Whether the schema has a query or a mutation of this name. */
export function schemaHas(name: string): boolean {
  const schema = buildSchema(readFileSync(SDL, 'utf8'));
  return [schema.getQueryType(), schema.getMutationType()].some(
    (type) => type !== null && type !== undefined && name in type.getFields(),
  );
}
