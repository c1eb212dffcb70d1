/** A gateway in this process on a database of its own, of either kind. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedDatabase } from '../../../src/store/embedded/embedded-database.js';
import { migrate } from '../../../src/store/migrate.js';
import { createDatabase } from '../database/database.js';
import { PLACES } from '../database/places.js';
import { type LocalGateway, startLocalGateway } from './local-gateway.js';

export interface Place {
  readonly gateway: LocalGateway;
  /** Removes the database, once the gateway is closed. */
  close(): Promise<void>;
}

export async function onPostgres(): Promise<Place> {
  const database = await createDatabase();
  const gateway = await startLocalGateway({ connectionString: database.url });
  return { gateway, close: () => database.drop() };
}

export async function onEmbedded(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-embedded-'));
  const database = await openEmbeddedDatabase({ folder });
  const address = { stream: database.stream };
  await migrate({ address, connectTimeoutMs: 10_000, places: PLACES });
  return {
    gateway: await startLocalGateway(address),
    close: async () => {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
