import type { RecordedEntry } from '../store.js';
import type { ReadContext } from '../verb.js';
import { lengthOf, pageKind, readOne, rowKind } from './read-kind.js';
import type { LedgerEntryAddress, LedgerPage } from './read-path.js';

const ONE = rowKind<LedgerEntryAddress, RecordedEntry | null>({
  textOf: ({ customerKey, balanceId, seq }) => `${customerKey}:${balanceId}:${seq}`,
  load: (path, projectId, addresses) => path.ledgerEntries(projectId, addresses),
});

const PAGE = pageKind<LedgerPage, readonly RecordedEntry[]>({
  listOf: ({ customerKey, balanceId }) => `${customerKey}:${balanceId}`,
  load: (path, projectId, pages) => path.ledgerPages(projectId, pages),
  rowsFound: lengthOf,
});

/** An entry of a balance's ledger by its number, or null if it does not exist. */
export function readLedgerEntry(
  ctx: ReadContext,
  address: LedgerEntryAddress,
): Promise<RecordedEntry | null> {
  return readOne(ctx, ONE, address);
}

/** Entries of a balance's ledger, newest first. */
export function listLedgerEntries(
  ctx: ReadContext,
  page: LedgerPage,
): Promise<readonly RecordedEntry[]> {
  return readOne(ctx, PAGE, page);
}
