import { present } from '../../../src/domain/assert.js';
import type { CustomerScope } from '../../../src/meter/store.js';
import type { Rows, WritePath } from '../../../src/meter/write/write-path.js';

/** Writes rows for a customer as given, without a command. */
export async function writeRows(store: WritePath, scope: CustomerScope, rows: Rows): Promise<void> {
  const request = { ...scope, entityIds: [], idempotencyKeys: [] };
  const { accounts, catalogVersions } = await store.load([request]);
  const { version } = present(accounts.get(scope.customerKey), 'the customer exists');
  const catalogVersion = present(catalogVersions.get(scope.projectId), 'the project exists');
  const guard = { version, catalogVersion, validFrom: null, validUntil: null, keysUnused: [] };
  const { customerKeys } = await store.commit(
    [{ ...scope, ...guard, writes: true, rows }],
    version + 1,
  );
  if (customerKeys.size !== 1) throw new Error('the guard did not hold');
}
