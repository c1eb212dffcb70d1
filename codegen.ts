/**
 * Writes what is generated from the schema: `schema.graphql`, sorted and with descriptions, and
 * typed documents for the tests from test/operations. With `--check` it writes nothing and fails
 * where schema.graphql is not what it would write; with `--documents` it leaves schema.graphql
 * alone, so that what comes before the tests can't hide that it is old.
 *
 * A program rather than a configuration of the graphql-codegen command: the schema is TypeScript,
 * and the generator gets it as text, so that it doesn't matter which copy of graphql it loads.
 */
import * as fs from 'node:fs/promises';
import { generate } from '@graphql-codegen/cli';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './src/schema/index.js';

const SDL_FILE = 'schema.graphql';

const sdl = `${printSchema(lexicographicSortSchema(schema))}\n`;

if (process.argv.includes('--check')) {
  const written = await fs.readFile(SDL_FILE, 'utf8').catch(() => '');
  if (written !== sdl) {
    process.stderr.write(`${SDL_FILE} is not current: run \`npm run generate\`\n`);
    process.exitCode = 1;
  }
} else {
  if (!process.argv.includes('--documents')) await fs.writeFile(SDL_FILE, sdl);
  await generate(
    {
      schema: sdl,
      documents: ['test/operations/**/*.ts'],
      ignoreNoDocuments: true,
      silent: true,
      generates: {
        'test/gql/': {
          preset: 'client',
          presetConfig: { fragmentMasking: false },
          config: {
            documentMode: 'string',
            enumType: 'string-literal',
            importExtension: '.js',
            useTypeImports: true,
            strictScalars: true,
            scalars: { DateTime: 'string', JSON: 'unknown' },
          },
        },
      },
    },
    true,
  );
}
