/** The schema definition that composition reads: without what every subgraph has, and with directives. */
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { GraphQLSchema, lexicographicSortSchema } from 'graphql';

/** A specification whose directives are used, by its address. */
export interface Link {
  readonly url: string;
  readonly import: readonly string[];
}

/** The specifications whose directives composition knows. It takes the definitions of all others from the subgraph. */
const KNOWN = 'https://specs.apollo.dev/';

/** The directives are those in the extensions of the schema, the types and the fields. */
export function sdlOf(schema: GraphQLSchema, links: readonly Link[]): string {
  const known = links.filter(({ url }) => url.startsWith(KNOWN));
  const imported = new Set(known.flatMap((link) => link.import));
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
