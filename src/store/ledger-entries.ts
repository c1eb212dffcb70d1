import type { LedgerKind } from '../domain/balance.js';
import { quantityFromText } from '../domain/quantity.js';
import type { ReadPath } from '../meter/read/read-path.js';
import type { RecordedEntry } from '../meter/store.js';
import { ms } from './account-rows.js';
import { numberOf, textOf } from './codec.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsOf } from './read-one.js';
import { pagesOf } from './read-page.js';

const COLUMNS = `r.project_id, r.customer_key, r.balance_id, r.seq, r.kind, r.amount,
  r.granted_after, r.used_after, r.event_id, ${ms('r.effective_at')}, ${ms('r.recorded_at')}`;

export function ledgerEntryReads(
  client: ReadClient,
): Pick<ReadPath, 'ledgerEntries' | 'ledgerPages'> {
  const find = rowsOf(client, {
    table: 'public.ledger_entries',
    columns: COLUMNS,
    key: { customer_key: 'uuid', balance_id: 'uuid', seq: 'bigint' },
    where: 'true',
  });
  const list = pagesOf(client, {
    table: 'public.ledger_entries',
    columns: COLUMNS,
    key: 'seq',
    keyType: 'bigint',
    bounds: ['0', String(Number.MAX_SAFE_INTEGER)],
    descending: true,
    lists: { customer_key: 'uuid', balance_id: 'uuid' },
    where: `r.customer_key = w.customer_key AND r.balance_id = w.balance_id
      AND r.project_id = $1`,
    filter: null,
  });
  return {
    ledgerEntries: async (projectId, wanted) => {
      const keys = wanted.map(({ customerKey, balanceId, seq }) => [customerKey, balanceId, seq]);
      return (await find(projectId, keys)).map((row) => () => row && entryFromCells(row));
    },
    ledgerPages: async (projectId, wanted) => {
      const pages = wanted.map((page) => ({ page, list: [page.customerKey, page.balanceId] }));
      return (await list(projectId, pages)).map(
        ({ rows }) =>
          () =>
            rows.map(entryFromCells),
      );
    },
  };
}

function entryFromCells(row: Row): RecordedEntry {
  const [projectId, customerKey, balanceId, seq, kind, amount, granted, used, ...rest] = row;
  const [eventId = null, effectiveAt, recordedAt] = rest;
  return {
    projectId: textOf(projectId),
    customerKey: textOf(customerKey),
    balanceId: textOf(balanceId),
    seq: numberOf(seq),
    kind: ledgerKind(textOf(kind)),
    amount: quantityFromText(textOf(amount)),
    grantedAfter: quantityFromText(textOf(granted)),
    usedAfter: quantityFromText(textOf(used)),
    eventId,
    effectiveAt: numberOf(effectiveAt),
    recordedAt: numberOf(recordedAt),
  };
}

/** The column's type has the same values. */
function ledgerKind(text: string): LedgerKind {
  return text as LedgerKind;
}
