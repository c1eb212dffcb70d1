/** A project on a database, without any gateway. */

import { createKey } from '../../../src/meter/access/keys.js';
import { SCOPES } from '../../../src/meter/access/scopes.js';
import type { Damage } from '../../../src/store/audit.js';
import type { DatabaseAddress } from '../../../src/store/database.js';
import { migrate } from '../../../src/store/migrate.js';
import { placesOf } from '../../../src/store/placed.js';
import { type OpenStore, openStore } from '../../../src/store/store.js';
import { PLACES } from './places.js';
import { addressesOf } from './servers.js';

/** Creates a project, and the tables if there are none; returns a secret key of the project. */
export async function createProject(databaseUrl: string, name = 'test'): Promise<string> {
  const address = { connectionString: databaseUrl };
  await migrate({ address, connectTimeoutMs: CONNECT_TIMEOUT_MS, places: PLACES });
  return withStore(address, (store) => keyOf(store, name));
}

const CONNECT_TIMEOUT_MS = 10_000;

/** A new secret key of the project, which is created if it does not exist. */
export async function keyOf(store: OpenStore, name: string): Promise<string> {
  const { project } = await store.projects.ensure(name);
  const draft = { projectId: project.id, name: 'test', scopes: SCOPES, lifetimeMs: null };
  return (await createKey(store.apiKeys, draft)).secret;
}

/** What `npm run audit` would report. */
export async function damagesOf(address: DatabaseAddress): Promise<Damage[]> {
  return withStore(address, async (store) => {
    const damages: Damage[] = [];
    for await (const page of store.audit.pages(null)) damages.push(...page.damages);
    return damages;
  });
}

async function withStore<Result>(
  address: DatabaseAddress,
  use: (store: OpenStore) => Promise<Result>,
): Promise<Result> {
  const store = openStore({
    address,
    poolMax: 2,
    readPoolMax: 2,
    acquireTimeoutMs: 10_000,
    statementTimeoutMs: 60_000,
    clockOffsetMs: () => 0,
    onIdleError: () => undefined,
    places: placesOf(PLACES),
    servers: addressesOf(address),
  });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
