import type { LedgerKind } from '../domain/balance.js';
import { quantityFromText } from '../domain/quantity.js';
import type { ReadPath } from '../meter/read/read-path.js';
import type { RecordedEntry } from '../meter/store.js';
import { ms } from './account-rows.js';
import { numberOf, textOf } from './codec.js';
import { placed, table } from './placed.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsByKey } from './read-one.js';
import { rowsByPage } from './read-page.js';

/**
 * What stood before an entry is what the one before it left, which makes it certain also of old entries. If that one has been let go, the amount
 * says what was granted less what was used and reserved, and all of it is taken for usage.
 */
export const ENTRY_COLUMNS = placed`r.project_id, r.customer_key, r.balance_id, r.seq, r.kind, r.amount,
  r.granted_after, r.used_after, r.reserved_after, r.event_id, r.reason, r.actor, coalesce((
    SELECT concat_ws(' ', p.granted_after, p.used_after, p.reserved_after)
    FROM ${table('ledger_entries')} AS p WHERE p.customer_key = r.customer_key AND p.balance_id = r.balance_id
      AND p.seq = r.seq - 1),
    CASE WHEN r.seq > 1 THEN concat_ws(' ', r.granted_after, r.used_after + r.amount, r.reserved_after) END), ${ms('r.effective_at')}, ${ms('r.recorded_at')}`;

export function ledgerEntryReads(
  client: ReadClient,
): Pick<ReadPath, 'ledgerEntries' | 'ledgerPages'> {
  const sql = { table: table('ledger_entries'), columns: ENTRY_COLUMNS, from: entryFromCells };
  return {
    ledgerEntries: rowsByKey(client, {
      ...sql,
      key: { customer_key: 'uuid', balance_id: 'uuid', seq: 'bigint' },
      keyOf: ({ customerKey, balanceId, seq }) => [customerKey, balanceId, seq],
      where: 'true',
    }),
    ledgerPages: rowsByPage(client, {
      ...sql,
      key: 'seq',
      keyType: 'bigint',
      bounds: ['0', String(Number.MAX_SAFE_INTEGER)],
      descending: true,
      filter: null,
      lists: { customer_key: 'uuid', balance_id: 'uuid' },
      listOf: ({ customerKey, balanceId }) => [customerKey, balanceId],
      where: `r.customer_key = w.customer_key AND r.balance_id = w.balance_id
        AND r.project_id = $1`,
    }),
  };
}

/** Before the first entry of a balance. */
const NOTHING = '0';

export function entryFromCells(row: Row): RecordedEntry {
  const [projectId, customerKey, balanceId, seq, kind, amount, granted, used, ...rest] = row;
  const [reserved, eventId = null, reason = null, actor = null, before, ...times] = rest;
  const [effectiveAt, recordedAt] = times;
  const [grantedBefore = NOTHING, usedBefore = NOTHING, reservedBefore = NOTHING] =
    before?.split(' ') ?? [];
  return {
    projectId: textOf(projectId),
    customerKey: textOf(customerKey),
    balanceId: textOf(balanceId),
    seq: numberOf(seq),
    kind: ledgerKind(textOf(kind)),
    amount: quantityFromText(textOf(amount)),
    grantedBefore: quantityFromText(grantedBefore),
    usedBefore: quantityFromText(usedBefore),
    grantedAfter: quantityFromText(textOf(granted)),
    usedAfter: quantityFromText(textOf(used)),
    reservedBefore: quantityFromText(reservedBefore),
    reservedAfter: quantityFromText(textOf(reserved)),
    reason,
    actor,
    eventId,
    effectiveAt: numberOf(effectiveAt),
    recordedAt: numberOf(recordedAt),
  };
}

/** The column's type has the same values. */
function ledgerKind(text: string): LedgerKind {
  return text as LedgerKind;
}
