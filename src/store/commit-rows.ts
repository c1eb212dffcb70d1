/**
 * Every kind of row that a commit writes, with its columns: a new column is a line here, and a new kind of row is a table
 * here and its type in `RowKinds`.
 */
import { fingerprintToJson } from '../domain/idempotency.js';
import { quantityToText } from '../domain/quantity.js';
import type { RowKinds, Rows } from '../meter/write/write-path.js';
import {
  correctedBalances,
  newBalances,
  reshapedBalances,
  usedBalances,
} from './commit-balance-rows.js';
import { changedReservations, newReservations } from './commit-reservation-rows.js';
import { eventOutcomeToJson } from './event-outcome.js';
import { reversalToJson } from './event-void.js';
import {
  type Column,
  type Computed,
  insertInto,
  instant,
  parameterCount,
  RowColumns,
  type RowTable,
  rowsSql,
  rowTable,
  time,
} from './row-table.js';

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

const events = rowTable<RowKinds['events']>({ columns: EVENT, write: insertInto('events') });

/** Apart from the others, which need no column for a reservation. */
const capturedEvents = rowTable<RowKinds['capturedEvents']>({
  columns: [
    ...EVENT,
    { name: 'reservation_id', type: 'text', cell: ({ reservationId }) => reservationId },
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

const entries = rowTable<RowKinds['entries']>({
  columns: ENTRY,
  write: insertInto('ledger_entries'),
});

const heldEntries = rowTable<RowKinds['heldEntries']>({
  columns: [...ENTRY, RESERVED_AFTER],
  write: insertInto('ledger_entries'),
});

/** A kind of their own, so that usage does not write columns that it leaves empty. */
const notedEntries = rowTable<RowKinds['notedEntries']>({
  columns: [
    ...ENTRY,
    RESERVED_AFTER,
    { name: 'reason', type: 'text', cell: ({ reason }) => reason },
    { name: 'actor', type: 'text', cell: ({ actor }) => actor },
  ],
  write: insertInto('ledger_entries'),
});

/** A deleted entity's row stays, and its id can be used again. */
const entities = rowTable<RowKinds['entities']>({
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

const eventVoids = rowTable<RowKinds['eventVoids']>({
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

const storedResults = rowTable<RowKinds['storedResults']>({
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

const TABLES: { readonly [Kind in keyof RowKinds]: RowTable<RowKinds[Kind]> } = {
  events,
  entries,
  notedEntries,
  newBalances,
  usedBalances,
  reshapedBalances,
  correctedBalances,
  entities,
  eventVoids,
  storedResults,
  capturedEvents,
  heldEntries,
  newReservations,
  changedReservations,
};

export type Kind = keyof RowKinds;

/** What usage writes. */
const USUAL: readonly Kind[] = [
  'events',
  'entries',
  'usedBalances',
  'reshapedBalances',
  'storedResults',
];

/** What usage of customers with reservations writes. */
const RESERVING: readonly Kind[] = [
  ...USUAL,
  'capturedEvents',
  'heldEntries',
  'newReservations',
  'changedReservations',
];

const ALL: readonly Kind[] = [
  ...RESERVING,
  'notedEntries',
  'correctedBalances',
  'newBalances',
  'entities',
  'eventVoids',
];

/** The lists of kinds for which there is a statement. */
export const KIND_LISTS = [USUAL, RESERVING, ALL];

/** Several statements, because whatever a statement could write but does not still costs time. */
export function kindsFor(changes: readonly { readonly rows: Rows }[]): readonly Kind[] {
  const isWithin = (kinds: readonly Kind[]) =>
    changes.every(({ rows }) =>
      ALL.every((kind) => kinds.includes(kind) || rows[kind] === undefined),
    );
  return KIND_LISTS.find(isWithin) ?? ALL;
}

/** The parts of a WITH that write rows of these kinds, their parameters numbered after `from`. */
export function writesSql(kinds: readonly Kind[], from: number): string {
  let next = from;
  return kinds
    .map((kind) => {
      const sql = sqlOf(kind, next);
      next += parameterCount(TABLES[kind]);
      return sql;
    })
    .join(', ');
}

function sqlOf<K extends Kind>(kind: K, from: number): string {
  const table: RowTable<RowKinds[K]> = TABLES[kind];
  const name = kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `write_${name} AS (\n  ${rowsSql(table, from)}\n)`;
}

/** The rows of a commit, as the parameters of `writesSql`. */
export class CommitRows {
  readonly #kinds: readonly RowsOfKind[];

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds.map((kind) => rowsOfKind(kind));
  }

  add(ordinal: number, rows: Rows): void {
    for (const kind of this.#kinds) kind.add(ordinal, rows);
  }

  parameters(): string[] {
    return this.#kinds.flatMap((kind) => kind.parameters());
  }
}

interface RowsOfKind {
  add(ordinal: number, rows: Rows): void;
  parameters(): string[];
}

function rowsOfKind<K extends Kind>(kind: K): RowsOfKind {
  const columns = new RowColumns<RowKinds[K]>(TABLES[kind]);
  return {
    add(ordinal, rows) {
      const ofKind: readonly RowKinds[K][] | undefined = rows[kind];
      if (ofKind !== undefined) columns.add(ordinal, ofKind);
    },
    parameters: () => columns.parameters(),
  };
}
