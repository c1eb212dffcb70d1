import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  // A copy of Tollgate's schema.graphql, or the address of a gateway:
  // schema: { 'http://127.0.0.1:4000/graphql': { headers: { Authorization: 'Bearer tg_sk_...' } } },
  schema: 'schema.graphql',
  documents: ['src/**/*.ts', '!src/gql/**'],
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        scalars: {
          // Times are ISO 8601, in UTC: 2026-01-31T00:00:00.000Z.
          DateTime: 'string',
          ID: 'string',
          // `properties` and `metadata` are objects; what they contain is up to you.
          JSON: { input: 'Record<string, unknown>', output: 'unknown' },
        },
        // Fails if a later version of the schema has a scalar that is not in this list.
        strictScalars: true,
        enumType: 'string-literal',
        useTypeImports: true,
        importExtension: '.js',
      },
    },
  },
};

export default config;
