/** The schema as text, with the directives that it defines. Those of federation are only in the subgraph's. */
import { getDocumentNodeFromSchema } from '@graphql-tools/utils';
import { lexicographicSortSchema, print, visit } from 'graphql';
import { schema } from './index.js';

const defined = new Set(schema.getDirectives().map(({ name }) => name));

const document = visit(getDocumentNodeFromSchema(lexicographicSortSchema(schema)), {
  Directive: ({ name }) => (defined.has(name.value) ? undefined : null),
});

export const sdl = `${print(document)}\n`;
