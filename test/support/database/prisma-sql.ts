/** The SQL with which Prisma would create a database for a schema. Needs no database. */
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';

/** Declared here, because its types are only available with those for browsers. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, Record<string, unknown>>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

export async function sqlOfSchema(schema: string): Promise<string> {
  await load();
  const file = { path: 'schema.prisma', content: schema };
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [[file.path, file.content]] },
    () => undefined,
    adapter,
  );
  try {
    const { stdout } = await engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [file] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    if (stdout === null) throw new Error('the schema engine printed nothing');
    return stdout;
  } finally {
    engine.free();
  }
}

/** The package's own entry point imports the .wasm file, which Node 20 does only with a flag. */
async function load(): Promise<void> {
  const script = createRequire(import.meta.url).resolve(
    '@prisma/schema-engine-wasm/schema_engine_bg',
  );
  const bytes = await fs.readFile(script.replace(/\.js$/, '.wasm'));
  const imports = { './schema_engine_bg.js': { ...bindings } };
  const { instance } = await WebAssembly.instantiate(bytes, imports);
  bindings.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start !== 'function') throw new Error('the schema engine has no start function');
  start();
}

/**
 * The engine needs a connection even for a translation, and queries the version. This one reports
 * the oldest version that Tollgate supports; with a real connection, the engine would also leave a
 * shadow database behind. Any other query fails, and the test with it.
 */
const connection = {
  provider: 'postgres',
  adapterName: '@prisma/adapter-pg',
  queryRaw: async ({ sql }: { sql: string }) => {
    if (!sql.includes('server_version_num')) throw new Error(`unexpected query: ${sql}`);
    return ok({
      columnNames: ['exists', 'version', 'numeric_version'],
      // Boolean, text and int32 in the numbering of @prisma/driver-adapter-utils.
      columnTypes: [5, 7, 0],
      rows: [[true, 'PostgreSQL 15.0', 150_000]],
    });
  },
  executeRaw: unexpected,
  executeScript: unexpected,
  startTransaction: unexpected,
  getConnectionInfo: () => ok({ schemaName: 'public', supportsRelationJoins: false }),
  dispose: async () => ok(undefined),
};

const adapter = {
  provider: 'postgres',
  adapterName: '@prisma/adapter-pg',
  errorRegistry: { consumeError: () => undefined },
  connect: async () => ok(connection),
  connectToShadowDb: unexpected,
};

function ok<Value>(value: Value): { ok: true; value: Value } {
  return { ok: true, value };
}

async function unexpected(): Promise<never> {
  throw new Error('the schema engine made an unexpected call');
}
