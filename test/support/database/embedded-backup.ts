/** Embedded databases with a gateway each, to be backed up and restored. */
import type { Damage } from '../../../src/store/audit.js';
import {
  type EmbeddedDatabase,
  openEmbeddedDatabase,
} from '../../../src/store/embedded/embedded-database.js';
import { restoreBackup } from '../../../src/store/embedded/restore.js';
import { migrate } from '../../../src/store/migrate.js';
import { type LocalGateway, startLocalGateway } from '../gateway/local-gateway.js';

export interface EmbeddedGateway {
  readonly database: EmbeddedDatabase;
  readonly gateway: LocalGateway;
  close(): Promise<void>;
}

export async function startOn(folder: string, places = 1): Promise<EmbeddedGateway> {
  const database = await openEmbeddedDatabase({ folder });
  const address = { stream: database.stream };
  await migrate({ address, connectTimeoutMs: 10_000, places });
  const gateway = await startLocalGateway(address, { places });
  const close = async () => {
    await gateway.close();
    await database.close();
  };
  return { database, gateway, close };
}

/** Through the gateway's own connection, because there is only one. */
export async function damagesIn({ store }: LocalGateway): Promise<Damage[]> {
  const damages: Damage[] = [];
  for await (const page of store.audit.pages(null)) damages.push(...page.damages);
  return damages;
}

export function restore(path: string, folder: string) {
  const ignore = () => undefined;
  return restoreBackup({ path, folder, onRead: ignore, onFile: ignore, onUnpacked: ignore });
}
