import type { Balance } from '../domain/balance.js';
import { quantityToText } from '../domain/quantity.js';
import type { AccountChange, EntryDraft, EventDraft } from '../meter/write/write-path.js';
import { rolloversToJson } from './account-rows.js';
import { Columns, joinJson, quoted } from './columns.js';

/** The parameters of the commit's statement, in order: arrays of columns as text. */
export type CommitParameters = readonly string[];

/** The changes, one per customer, as parameters: each row names its customer by its ordinal, from 1. */
export function commitParameters(changes: readonly AccountChange[]): CommitParameters {
  const guards = new Columns(7);
  const keys = new Columns(2);
  const events = new Columns(8);
  const properties: (string | null)[] = [];
  const outcomes: string[] = [];
  const entries = new Columns(10);
  const used = new Columns(4);
  const reshaped = new Columns(8);
  const stored = new Columns(2);
  const fingerprints: string[] = [];
  const results: string[] = [];
  let ordinal = 0;
  for (const change of changes) {
    ordinal += 1;
    addGuard(guards, change);
    for (const key of change.keysUnused) keys.add(ordinal, quoted(key));
    for (const event of change.events) {
      addEvent(events, ordinal, event);
      properties.push(event.properties);
      outcomes.push(event.outcome);
    }
    for (const entry of change.entries) addEntry(entries, ordinal, entry);
    for (const { balance, isReshaped } of change.balances) {
      if (isReshaped) addReshaped(reshaped, ordinal, balance);
      else used.add(ordinal, balance.id, quantityToText(balance.used), balance.ledgerSeq);
    }
    for (const { idempotencyKey, fingerprint, result } of change.storedResults) {
      stored.add(ordinal, quoted(idempotencyKey));
      fingerprints.push(JSON.stringify(fingerprint));
      results.push(result);
    }
  }
  return [
    ...guards.arrays(),
    ...keys.arrays(),
    ...events.arrays(),
    joinJson(properties),
    joinJson(outcomes),
    ...entries.arrays(),
    ...used.arrays(),
    ...reshaped.arrays(),
    ...stored.arrays(),
    joinJson(fingerprints),
    joinJson(results),
  ];
}

function addGuard(guards: Columns, change: AccountChange): void {
  guards.add(
    change.customerKey,
    change.projectId,
    change.version,
    change.catalogVersion,
    change.validFrom,
    change.validUntil,
    change.writes,
  );
}

function addEvent(events: Columns, ordinal: number, event: EventDraft): void {
  events.add(
    ordinal,
    event.tail,
    event.occurredAt,
    quoted(event.entityId),
    quoted(event.featureId),
    quoted(event.eventName),
    quantityToText(event.value),
    quoted(event.idempotencyKey),
  );
}

function addEntry(entries: Columns, ordinal: number, entry: EntryDraft): void {
  entries.add(
    ordinal,
    entry.balanceId,
    entry.seq,
    entry.kind,
    quantityToText(entry.amount),
    quantityToText(entry.grantedAfter),
    quantityToText(entry.usedAfter),
    entry.event === null ? null : entry.event.tail,
    entry.event === null ? null : entry.event.occurredAt,
    entry.effectiveAt,
  );
}

function addReshaped(reshaped: Columns, ordinal: number, balance: Balance): void {
  reshaped.add(
    ordinal,
    balance.id,
    quantityToText(balance.granted),
    quantityToText(balance.used),
    quoted(JSON.stringify(rolloversToJson(balance.rollovers))),
    balance.nextResetAt,
    balance.expiredAt,
    balance.ledgerSeq,
  );
}
