/** A role with exactly these rights can do everything, and one without any of them is refused at the start. */

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { wholeCost } from '../../src/domain/cost.js';
import { KEYS_KEPT } from '../../src/meter/access/manage-keys.js';
import { SCOPES } from '../../src/meter/access/scopes.js';
import { createCustomer, updateCustomer } from '../../src/meter/customer.js';
import { deleteCustomer } from '../../src/meter/delete-customer.js';
import { createEntity, deleteEntity, updateEntity } from '../../src/meter/entity.js';
import { createFeature, updateFeature } from '../../src/meter/feature.js';
import { archiveFeature, deleteFeature } from '../../src/meter/retire-feature.js';
import { migrate } from '../../src/store/migrate.js';
import { type OpenStore, openStore } from '../../src/store/store.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import { runCommand } from '../support/gateway/command.js';
import { PATIENT_DATABASE } from '../support/gateway/limits.js';
import { run } from '../support/gateway/starts.js';
import { grantMessages, trackMessage, verbContext } from '../support/meter/verb-context.js';

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  api_keys: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  balances: ['SELECT', 'INSERT', 'UPDATE'],
  credit_costs: ['SELECT', 'INSERT', 'DELETE'],
  customers: ['SELECT', 'INSERT', 'UPDATE'],
  entities: ['SELECT', 'INSERT', 'UPDATE'],
  event_voids: ['SELECT', 'INSERT', 'UPDATE'],
  events: ['SELECT', 'INSERT', 'UPDATE'],
  features: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  idempotency_keys: ['SELECT', 'INSERT', 'DELETE'],
  removed_features: ['SELECT', 'INSERT', 'DELETE'],
  reservations: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  ledger_entries: ['SELECT', 'INSERT'],
  projects: ['SELECT', 'INSERT', 'UPDATE'],
  servers: ['SELECT'],
  places: ['SELECT'],
};

const ROLE = `limited_${process.pid}`;

let database: TestDatabase;
let address: { connectionString: string };

beforeAll(async () => {
  database = await createDatabase();
  const url = new URL(database.url);
  [url.username, url.password] = [ROLE, 'limited'];
  address = { connectionString: url.href };
  const grants = Object.entries(NEEDED).map(
    ([table, rights]) => `GRANT ${rights.join(', ')} ON ${table} TO ${ROLE}`,
  );
  await run(inject('postgresUrl'), `CREATE ROLE ${ROLE} LOGIN PASSWORD 'limited'`);
  await run(database.url, `GRANT SELECT ON _prisma_migrations TO ${ROLE}`, ...grants);
});

afterAll(async () => {
  await database.drop();
  await run(inject('postgresUrl'), `DROP ROLE ${ROLE}`);
});

const start = () => migrate({ address, connectTimeoutMs: PATIENT_DATABASE.acquireTimeoutMs });

describe('the start is refused by name without the right', () => {
  const each = Object.entries(NEEDED).flatMap(([table, rights]) =>
    rights.map((right) => [right, table] as const),
  );

  it.each(each)('%s on %s', async (right, table) => {
    await run(database.url, `REVOKE ${right} ON ${table} FROM ${ROLE}`);
    const refused = start().then(() => 'it started', String);
    expect(await refused).toMatch(
      new RegExp(`role ${ROLE} lacks rights .*: ${right} on ${table}\\. .* GRANT .* TO ${ROLE};$`),
    );
    await run(database.url, `GRANT ${right} ON ${table} TO ${ROLE}`);
  });

  it('several, on several tables', async () => {
    const both = 'events, idempotency_keys';
    await run(database.url, `REVOKE ALL ON ${both} FROM ${ROLE}`);
    await expect(start()).rejects.toThrow(
      ': SELECT, INSERT, UPDATE on events; SELECT, INSERT, DELETE on idempotency_keys. ',
    );
    await run(
      database.url,
      ...both
        .split(', ')
        .map((table) => `GRANT ${NEEDED[table]?.join(', ')} ON ${table} TO ${ROLE}`),
    );
  });
});

async function doEverything(store: OpenStore): Promise<void> {
  const { project } = await store.projects.ensure('p');
  const ctx = verbContext(store, project.id);
  const some = { eventNames: [], creditCosts: [] };
  await createFeature(ctx, { ...some, id: 'messages', name: 'M', type: 'CONSUMABLE' });
  const creditCosts = [{ featureId: 'messages', cost: wholeCost(2), where: null }];
  await createFeature(ctx, { ...some, id: 'c', name: 'C', type: 'CREDIT_SYSTEM', creditCosts });
  for (const costs of [[], creditCosts]) {
    await updateFeature(ctx, { featureId: 'c', changes: { creditCosts: costs, name: 'D' } });
  }
  await archiveFeature(ctx, { featureId: 'c', archived: true });
  expect(await deleteFeature(ctx, 'c')).toMatchObject({ ok: true });
  await createCustomer(ctx, { id: 'acme', name: null, email: null, metadata: {} });
  await updateCustomer(ctx, { customerId: 'acme', changes: { name: 'Acme' } });
  const entity = { id: 'seat', name: null, metadata: {} };
  await createEntity(ctx, { customerId: 'acme', entity });
  await Promise.all([grantMessages(ctx, 'acme'), grantMessages(ctx, 'acme', 'seat')]);
  for (const entityId of ['seat', null]) {
    await trackMessage(ctx, 'acme', { entityId, idempotencyKey: `key ${entityId}` });
  }
  await updateEntity(ctx, { customerId: 'acme', entityId: 'seat', changes: { name: 'S' } });
  await deleteEntity(ctx, { customerId: 'acme', entityId: 'seat' });

  const key = await store.apiKeys.insert({
    projectId: project.id,
    name: 'k',
    prefix: 'tg_sk_rights',
    hash: Buffer.alloc(32),
    scopes: SCOPES,
    lifetimeMs: null,
  });
  const made = { projectId: project.id, name: 'k', prefix: 'tg_sk_rights', scopes: SCOPES };
  const draft = { ...made, hash: Buffer.alloc(32, 1), expiresAt: null };
  await store.managedKeys.create(draft, KEYS_KEPT);
  await store.apiKeys.list(1);
  await store.apiKeys.valid([Buffer.alloc(32)]);
  await store.apiKeys.revoke(key.id);
  const all = { olderThanDays: 0, projectId: null, dryRun: false };
  let keysPruned = 0;
  for await (const batch of store.prune.keys(all)) keysPruned += batch.keysPruned;
  expect(keysPruned).toBe(2);
  await deleteCustomer(ctx, { customerId: 'acme' });
  for await (const { damages } of store.audit.pages(null)) expect(damages).toEqual([]);
  await store.ping();
}

it('no other right is needed', async () => {
  expect(await start()).toEqual([]);
  const store = openStore({
    address,
    poolMax: 2,
    readPoolMax: 1,
    ...PATIENT_DATABASE,
    clockOffsetMs: () => 0,
    onIdleError: () => undefined,
  });
  await doEverything(store);
  await store.close();
});

it('a right that is revoked while a command runs is reported in one line', async () => {
  await run(
    database.url,
    `CREATE FUNCTION deny() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE insufficient_privilege USING MESSAGE = 'permission denied for table x'; END $$`,
    'CREATE TRIGGER deny BEFORE DELETE ON idempotency_keys EXECUTE FUNCTION deny()',
  );
  const DATABASE_URL = address.connectionString;
  const ended = await runCommand('commands/prune.ts', ['--older-than', '1'], { DATABASE_URL });
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toMatch(
    new RegExp(`^PostgreSQL at .* the role "${ROLE}": .*permission denied for table x.*\\.\n$`),
  );
});
