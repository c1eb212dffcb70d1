/** The schema definition that composition reads: without what every subgraph has, and with directives. */
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { GraphQLSchema, lexicographicSortSchema } from 'graphql';

/** A specification whose directives are used, by its address. */
export interface Link {
  readonly url: string;
  readonly import: readonly string[];
}

/**
 * The directives are those in the extensions of the schema, the types and the fields. Those that are imported are
 * defined elsewhere.
 */
export function sdlOf(schema: GraphQLSchema, links: readonly Link[]): string {
  const imported = new Set(links.flatMap((link) => link.import));
  const config = lexicographicSortSchema(schema).toConfig();
  const directives = { link: links, ...directivesOf(schema) };
  const linked = new GraphQLSchema({
    ...config,
    directives: config.directives.filter(({ name }) => !imported.has(`@${name}`)),
    extensions: { directives },
  });
  return `${printSchemaWithDirectives(linked)}\n`;
}

function directivesOf({ extensions }: GraphQLSchema): object {
  const { directives } = extensions;
  return typeof directives === 'object' && directives !== null ? directives : {};
}
