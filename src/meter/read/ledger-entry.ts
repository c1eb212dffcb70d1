import type { RecordedEntry } from '../store.js';
import type { ReadContext } from '../verb.js';
import { addressWithin, hasLedger } from './balance.js';
import { lengthOf, pageKind, readOne, rowKind } from './read-kind.js';
import type { LedgerEntryAddress, LedgerPage } from './read-path.js';

const ONE = rowKind<LedgerEntryAddress, RecordedEntry | null>({
  textOf: ({ customerKey, balanceId, seq }) => `${customerKey}:${balanceId}:${seq}`,
  within: addressWithin,
  load: (path, projectId, addresses) => path.ledgerEntries(projectId, addresses),
});

const PAGE = pageKind<LedgerPage, readonly RecordedEntry[]>({
  listOf: ({ customerKey, balanceId }) => `${customerKey}:${balanceId}`,
  within: addressWithin,
  load: (path, projectId, pages) => path.ledgerPages(projectId, pages),
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
