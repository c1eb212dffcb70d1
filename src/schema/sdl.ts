/** The schema as text, with its directives. */
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { lexicographicSortSchema } from 'graphql';
import { schema } from './index.js';

export const sdl = `${printSchemaWithDirectives(lexicographicSortSchema(schema))}\n`;
