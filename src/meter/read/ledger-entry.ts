import { entityKeyWithin } from '../access/only-customer.js';
import type { RecordedEntry } from '../store.js';
import type { ReadContext } from '../verb.js';
import { addressWithin, hasLedger } from './balance.js';
import { customerKeyIn, lengthOf, pageKind, readOne, rowKind } from './read-kind.js';
import type { CustomerLedgerPage, LedgerEntryAddress, LedgerPage } from './read-path.js';

const ONE = rowKind<LedgerEntryAddress, RecordedEntry | null>({
  textOf: ({ customerKey, balanceId, seq }) => `${customerKey}:${balanceId}:${seq}`,
  within: addressWithin,
  customerKeyOf: customerKeyIn,
  load: (path, projectId, addresses) => path.ledgerEntries(projectId, addresses),
});

const PAGE = pageKind<LedgerPage, readonly RecordedEntry[]>({
  listOf: ({ customerKey, balanceId }) => `${customerKey}:${balanceId}`,
  within: addressWithin,
  customerKeyOf: customerKeyIn,
  load: (path, projectId, pages) => path.ledgerPages(projectId, pages),
  rowsFound: lengthOf,
});

/** An entity's token opens the ledgers of its own balances only, one by one. */
const CUSTOMER_PAGE = pageKind<CustomerLedgerPage, readonly RecordedEntry[]>({
  listOf: ({ customerKey, featureId }) => `${customerKey}:${featureId ?? ''}:`,
  within: (page, only) => ({
    ...page,
    customerKey: entityKeyWithin(page.customerKey, null, only),
  }),
  customerKeyOf: customerKeyIn,
  load: (path, projectId, pages) => path.customerLedgerPages(projectId, pages),
  rowsFound: lengthOf,
});

/** An entry of a balance's ledger by its number, or null if it does not exist. */
export async function readLedgerEntry(
  ctx: ReadContext,
  address: LedgerEntryAddress,
): Promise<RecordedEntry | null> {
  if (!(await hasLedger(ctx, address))) return null;
  return readOne(ctx, ONE, address);
}

/** Entries of a balance's ledger, newest first. */
export async function listLedgerEntries(
  ctx: ReadContext,
  page: LedgerPage,
): Promise<readonly RecordedEntry[]> {
  if (!(await hasLedger(ctx, page))) return [];
  return readOne(ctx, PAGE, page);
}

/** Entries of the ledgers of all balances of a customer, newest first. */
export function listCustomerLedger(
  ctx: ReadContext,
  page: CustomerLedgerPage,
): Promise<readonly RecordedEntry[]> {
  return readOne(ctx, CUSTOMER_PAGE, page);
}
