import { defineConfig } from 'prisma/config';

// These commands only read the schema, and yet first download the engine for migrations, which
// fails without the internet. Any program that runs passes for one. The commands that do need
// the engine (`migrate deploy`, for those who prefer it to ours) are left alone.
if (['generate', 'validate', 'format'].some((command) => process.argv.includes(command))) {
  process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;
}

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: {
    // A fallback, because generating the client must not need a database.
    url: process.env['DATABASE_URL'] ?? 'postgresql://localhost:5432/tollgate',
  },
});
