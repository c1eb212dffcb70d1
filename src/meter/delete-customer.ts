import { type Account, advanceAccount } from '../domain/account.js';
import { end } from '../domain/advance.js';
import { present } from '../domain/assert.js';
import type { Instant } from '../domain/interval.js';
import { notFound } from '../domain/refusal.js';
import { releaseAll } from '../domain/settle.js';
import { UnavailableError } from '../domain/unavailable.js';
import { randomVersion, uuidV7 } from '../platform/id.js';
import { randomText } from '../platform/secret.js';
import { customerScope } from './customer-key.js';
import type { CustomerScope, Erased } from './store.js';
import { done, type Result, refuse, type VerbContext } from './verb.js';
import { pushHolds } from './write/changed-holds.js';
import { entryDraft } from './write/entry-draft.js';
import { writeCustomer } from './write/gates.js';
import { RowDraft } from './write/row-draft.js';
import type { AccountChange, Transaction } from './write/write-path.js';

/** Parts of a customer that one call erases, of up to a thousand rows each. */
export const ERASED_PARTS_MAX = 20;

/** How often it is decided again because the catalogue or the clock advanced meanwhile. */
const ATTEMPTS_MAX = 5;

const SALT_BYTES = 24;

/**
 * Deletes a customer and erases the person: at once for every gateway, and then part by part what is stored beside the
 * ledger. Repeated, it goes on where it was, until it is complete, and then answers the same.
 */
export async function deleteCustomer(
  ctx: VerbContext,
  { customerId }: { readonly customerId: string },
): Promise<Result<Erased>> {
  const scope = customerScope(ctx.caller.projectId, customerId);
  const erase = () => writeCustomer(ctx, scope, () => ctx.store.eraseCustomer(scope));
  let erased = await erase();
  if (erased === null) {
    await writeCustomer(ctx, scope, () => endCustomer(ctx, scope));
    // Another call may have been first.
    erased = await erase();
  }
  if (erased === null) return refuse(notFound('CUSTOMER_NOT_FOUND', customerId));
  for (let parts = 1; !erased.complete && parts < ERASED_PARTS_MAX; parts += 1) {
    erased = present(await erase(), 'a deleted customer keeps its row');
  }
  return done(erased);
}

/** Ends its balances and marks it as deleted, in one transaction, if it exists. */
async function endCustomer(ctx: VerbContext, scope: CustomerScope): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const ended = await ctx.store
      .transaction(scope.customerKey, (transaction) => endNow(transaction, scope))
      .catch(unlessStale);
    if (ended) return;
  }
  throw new UnavailableError('WRITE_CONTENTION');
}

/** True once there is nothing more to do. */
async function endNow(transaction: Transaction, scope: CustomerScope): Promise<boolean> {
  const { customerKey, projectId } = scope;
  const request = { ...scope, entityIds: [], idempotencyKeys: [] };
  const loaded = await transaction.load([request], { skipLocked: false });
  const unreadable = loaded.unreadable?.get(customerKey);
  if (unreadable !== undefined) throw unreadable;
  const account = loaded.accounts.get(customerKey);
  if (account === undefined) return true;
  const catalogVersion = present(loaded.catalogVersions.get(projectId), 'the project exists');
  const change = endOf(account, { scope, catalogVersion, now: loaded.now });
  const { customerKeys } = await transaction.commit([change], randomVersion());
  if (!customerKeys.has(customerKey)) throw new StaleDeletionError();
  await transaction.deleteCustomer(scope, {
    id: `deleted:${uuidV7()}`,
    salt: randomText(SALT_BYTES),
  });
  return true;
}

interface Facts {
  readonly scope: CustomerScope;
  readonly catalogVersion: number;
  readonly now: Instant;
}

/** What is due, then the release of every reservation, and then the end of every balance: what is left of it is withdrawn. */
function endOf(account: Account, { scope, catalogVersion, now }: Facts): AccountChange {
  const advanced = advanceAccount(account, now);
  const released = releaseAll(advanced.account, advanced.account.holds, now);
  const ended = released.account.balances
    .filter(({ expiredAt }) => expiredAt === null)
    .map((balance) => end(balance, now));
  const byId = new Map(ended.map(({ balance }) => [balance.id, balance]));
  const entries = [...advanced.entries, ...released.entries, ...ended.map(({ entry }) => entry)];
  const rows = new RowDraft();
  rows.push('entries', ...entries.map((entry) => entryDraft(entry, null)));
  rows.push(
    'reshapedBalances',
    ...released.account.balances.map((balance) => byId.get(balance.id) ?? balance),
  );
  pushHolds(rows, account, released.account);
  return {
    ...scope,
    version: account.version,
    catalogVersion,
    validFrom: advanced.changedAt,
    validUntil: advanced.changesAt,
    writes: true,
    rows: rows.rows,
    keysUnused: [],
  };
}

/** Thrown out of the transaction to roll it back: what it decided on has changed since. */
class StaleDeletionError extends Error {}

function unlessStale(error: unknown): false {
  if (error instanceof StaleDeletionError) return false;
  throw error;
}
