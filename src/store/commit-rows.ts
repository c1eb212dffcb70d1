/**
 * Every kind of row that a commit writes, with its columns: a new column is a line here, and a new kind of row is a table
 * here, its type in `RowKinds`, and its place in commit-kinds.ts.
 */
import { fingerprintToJson } from '../domain/idempotency.js';
import { quantityToText } from '../domain/quantity.js';
import type { RowKinds } from '../meter/write/write-path.js';
import { eventOutcomeToJson } from './event-outcome.js';
import { reversalToJson } from './event-void.js';
import { type Column, type Computed, insertInto, instant, rowTable, time } from './row-table.js';

/** The id of an event at `t.at`, or at the commit, with the tail that the gateway made. */
const EVENT_ID = `(lpad(to_hex(coalesce(t.at, clock.ms)), 12, '0') || t.tail)::uuid`;

const now = (name: string): Computed => ({ name, sql: 'clock.now' });

const EVENT: readonly (Column<RowKinds['events']> | Computed)[] = [
  { name: 'tail', type: 'text', cell: ({ tail }) => tail, sql: null },
  { name: 'at', type: 'bigint', cell: ({ occurredAt }) => occurredAt, sql: null },
  { name: 'id', sql: EVENT_ID },
  { name: 'entity_id', type: 'text', cell: ({ entityId }) => entityId },
  { name: 'feature_id', type: 'text', cell: ({ featureId }) => featureId },
  { name: 'event_name', type: 'text', cell: ({ eventName }) => eventName },
  { name: 'value', type: 'numeric', cell: ({ value }) => quantityToText(value) },
  { name: 'properties', type: 'jsonb', cell: ({ properties }) => properties },
  { name: 'occurred_at', sql: `coalesce(${time('t.at')}, clock.now)` },
  now('recorded_at'),
  { name: 'idempotency_key', type: 'text', cell: ({ idempotencyKey }) => idempotencyKey },
  { name: 'outcome', type: 'json', cell: ({ outcome }) => eventOutcomeToJson(outcome) },
];

export const events = rowTable<RowKinds['events']>({ columns: EVENT, write: insertInto('events') });

/** Apart from the others, which need no column for a reservation. */
export const capturedEvents = rowTable<RowKinds['events'] & Partial<RowKinds['capturedEvents']>>({
  columns: [
    ...EVENT,
    { name: 'reservation_id', type: 'text', cell: ({ reservationId = null }) => reservationId },
  ],
  write: insertInto('events'),
});

const ENTRY: readonly (Column<RowKinds['entries']> | Computed)[] = [
  { name: 'balance_id', type: 'uuid', cell: ({ balanceId }) => balanceId },
  { name: 'seq', type: 'bigint', cell: ({ seq }) => seq },
  { name: 'kind', type: 'ledger_kind', cell: ({ kind }) => kind },
  { name: 'amount', type: 'numeric', cell: ({ amount }) => quantityToText(amount) },
  { name: 'granted_after', type: 'numeric', cell: (entry) => quantityToText(entry.grantedAfter) },
  { name: 'used_after', type: 'numeric', cell: ({ usedAfter }) => quantityToText(usedAfter) },
  { name: 'tail', type: 'text', cell: ({ event }) => event?.tail ?? null, sql: null },
  { name: 'at', type: 'bigint', cell: ({ event }) => event?.occurredAt ?? null, sql: null },
  { name: 'event_id', sql: EVENT_ID },
  {
    name: 'effective_at',
    type: 'bigint',
    cell: ({ effectiveAt }) => effectiveAt,
    sql: `coalesce(${time('t.effective_at')}, clock.now)`,
  },
  now('recorded_at'),
];

/** What is reserved after an entry. Apart from the others, which need no column for it. */
const RESERVED_AFTER: Column<RowKinds['entries']> = {
  name: 'reserved_after',
  type: 'numeric',
  cell: ({ reservedAfter }) => quantityToText(reservedAfter),
};

export const entries = rowTable<RowKinds['entries']>({
  columns: ENTRY,
  write: insertInto('ledger_entries'),
});

export const heldEntries = rowTable<RowKinds['heldEntries']>({
  columns: [...ENTRY, RESERVED_AFTER],
  write: insertInto('ledger_entries'),
});

/** A kind of their own, so that usage does not write columns that it leaves empty. */
export const notedEntries = rowTable<RowKinds['entries'] & Partial<RowKinds['notedEntries']>>({
  columns: [
    ...ENTRY,
    RESERVED_AFTER,
    { name: 'reason', type: 'text', cell: ({ reason = null }) => reason },
    { name: 'actor', type: 'text', cell: ({ actor = null }) => actor },
  ],
  write: insertInto('ledger_entries'),
});

/** A deleted entity's row stays, and its id can be used again. */
export const entities = rowTable<RowKinds['entities']>({
  columns: [
    { name: 'id', type: 'text', cell: (entity) => entity.id },
    { name: 'name', type: 'text', cell: ({ name }) => name },
    { name: 'metadata', type: 'jsonb', cell: ({ metadata }) => metadata.text },
    instant('created_at', ({ createdAt }) => createdAt),
    instant('deleted_at', ({ deletedAt }) => deletedAt),
  ],
  write: insertInto(
    'entities',
    `
  ON CONFLICT (customer_key, id) DO UPDATE SET name = excluded.name, metadata = excluded.metadata,
    created_at = excluded.created_at, deleted_at = excluded.deleted_at`,
  ),
  key: (entity) => entity.id,
});

export const eventVoids = rowTable<RowKinds['eventVoids']>({
  columns: [
    { name: 'event_id', type: 'uuid', cell: ({ eventId }) => eventId },
    { name: 'reason', type: 'text', cell: ({ reason }) => reason },
    { name: 'actor', type: 'text', cell: ({ actor }) => actor },
    { name: 'amended_by_id', type: 'uuid', cell: ({ amendedById }) => amendedById },
    { name: 'outcome', type: 'json', cell: ({ reversal }) => reversalToJson(reversal) },
    now('voided_at'),
  ],
  write: insertInto('event_voids'),
});

export const storedResults = rowTable<RowKinds['storedResults']>({
  columns: [
    { name: 'key', type: 'text', cell: ({ idempotencyKey }) => idempotencyKey },
    {
      name: 'fingerprint',
      type: 'json',
      cell: ({ fingerprint }) => fingerprintToJson(fingerprint),
    },
    { name: 'outcome', type: 'json', cell: ({ result }) => result },
    now('recorded_at'),
  ],
  write: insertInto('idempotency_keys'),
});
