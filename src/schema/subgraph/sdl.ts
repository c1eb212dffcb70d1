/** The schema definition that composition reads: without what every subgraph has, and with directives. */
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { GraphQLSchema, lexicographicSortSchema } from 'graphql';

/** A specification whose directives are used, by its address. */
export interface Link {
  readonly url: string;
  readonly import: readonly string[];
}

/** The directives are those in the extensions of the types and fields. */
export function sdlOf(schema: GraphQLSchema, links: readonly Link[]): string {
  const linked = new GraphQLSchema({
    ...lexicographicSortSchema(schema).toConfig(),
    extensions: { directives: { link: links } },
  });
  return `${printSchemaWithDirectives(linked)}\n`;
}
