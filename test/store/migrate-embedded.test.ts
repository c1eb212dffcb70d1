/** The embedded database has one connection, on which an index is built in the transaction of its migration. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sha256Hex } from '../../src/platform/digest.js';
import { connectOnce } from '../../src/store/database.js';
import {
  type EmbeddedDatabase,
  openEmbeddedDatabase,
} from '../../src/store/embedded/embedded-database.js';
import { migrate } from '../../src/store/migrate.js';
import {
  EXTRA,
  EXTRA_INDEX,
  EXTRA_SQL,
  folderWithExtra,
} from '../support/database/extra-migration.js';

const migrations = folderWithExtra();
const home = mkdtempSync(join(tmpdir(), 'tollgate-embedded-'));
let embedded: EmbeddedDatabase;

beforeAll(async () => {
  embedded = await openEmbeddedDatabase({ folder: home });
});
afterAll(async () => {
  await embedded.close();
  migrations.remove();
  rmSync(home, { recursive: true, force: true });
});

it('builds the index of a migration, and records the migration with the checksum of its file', async () => {
  const address = { stream: embedded.stream };
  const start = () => migrate({ address, connectTimeoutMs: 10_000, folder: migrations.folder });
  // The database of an earlier release: a new one gets its indexes like this on every server.
  expect(await migrate({ address, connectTimeoutMs: 10_000 })).not.toContain(EXTRA);
  expect(await start()).toEqual([EXTRA]);
  expect(await start()).toEqual([]);
  const client = await connectOnce(address, 10_000);
  const { rows } = await client.query(
    `SELECT indisvalid AS valid, (SELECT checksum FROM _prisma_migrations WHERE migration_name = '${EXTRA}')
      FROM pg_index WHERE indexrelid = '${EXTRA_INDEX}'::regclass`,
  );
  expect(rows).toEqual([{ valid: true, checksum: sha256Hex(EXTRA_SQL) }]);
  await client.end();
});
