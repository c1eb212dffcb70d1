import type { LedgerEntry as LedgerEntryRow } from '../generated/prisma/client.js';
import type { Nouns, RecordedEntry } from '../meter/store.js';
import { isUuid, quantityFromDecimal } from './codec.js';
import type { StoreContext } from './context.js';
import { cursorsMatch, descending } from './page.js';

/** An entry's number: what a bigint holds, and a JavaScript number too. */
const SEQ = /^[1-9]\d{0,14}$/;

type LedgerEntries = Pick<Nouns, 'ledgerEntry' | 'listLedgerEntries'>;

export function ledgerEntries({ prisma, read }: StoreContext): LedgerEntries {
  return {
    ledgerEntry: async ({ customerKey, projectId }, balanceId, seq) => {
      if (!isUuid(balanceId) || !SEQ.test(String(seq))) return null;
      return read(async () => {
        const row = await prisma.ledgerEntry.findUnique({
          where: { customerKey_balanceId_seq: { customerKey, balanceId, seq }, projectId },
        });
        return row === null ? null : entryFromRow(row);
      });
    },
    listLedgerEntries: async ({ customerKey, projectId }, balanceId, page) => {
      if (!isUuid(balanceId) || !cursorsMatch(page, SEQ)) return [];
      return read(async () => {
        const { range, order } = descending(page, Number);
        const rows = await prisma.ledgerEntry.findMany({
          where: { customerKey, balanceId, projectId, seq: range },
          orderBy: { seq: order },
          take: page.limit,
        });
        return rows.map(entryFromRow);
      });
    },
  };
}

function entryFromRow(row: LedgerEntryRow): RecordedEntry {
  return {
    projectId: row.projectId,
    customerKey: row.customerKey,
    balanceId: row.balanceId,
    seq: Number(row.seq),
    kind: row.kind,
    amount: quantityFromDecimal(row.amount),
    grantedAfter: quantityFromDecimal(row.grantedAfter),
    usedAfter: quantityFromDecimal(row.usedAfter),
    eventId: row.eventId,
    effectiveAt: row.effectiveAt.getTime(),
    recordedAt: row.recordedAt.getTime(),
  };
}
