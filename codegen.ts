/**
 * Writes what is generated from the schema: `schema.graphql` and `subgraph.graphql`, sorted and with
 * descriptions, and typed documents for the tests from test/operations. With `--check` it writes nothing
 * and fails where one of the two is not what it would write; with `--documents` it leaves them
 * alone, so that what comes before the tests can't hide that they are old.
 *
 * A program rather than a configuration of the graphql-codegen command: the schema is TypeScript,
 * and the generator gets it as text, so that it doesn't matter which copy of graphql it loads.
 */
import * as fs from 'node:fs/promises';
import { generate } from '@graphql-codegen/cli';
import { tollgateSubgraph } from './src/schema/federation.js';
import { sdl } from './src/schema/sdl.js';
import { DEFAULT_PREFIXES } from './src/schema/subgraph/names.js';

const FILES = {
  'schema.graphql': sdl,
  'subgraph.graphql': tollgateSubgraph(DEFAULT_PREFIXES).sdl,
};

if (process.argv.includes('--check')) {
  for (const [file, text] of Object.entries(FILES)) {
    const written = await fs.readFile(file, 'utf8').catch(() => '');
    if (written === text) continue;
    process.stderr.write(`${file} is not current: run \`npm run generate\`\n`);
    process.exitCode = 1;
  }
} else {
  if (!process.argv.includes('--documents')) {
    for (const [file, text] of Object.entries(FILES)) await fs.writeFile(file, text);
  }
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
