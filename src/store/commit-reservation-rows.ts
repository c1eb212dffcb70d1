/** The rows of reservations that a commit writes: see commit-rows.ts. */
import type { Hold } from '../domain/hold.js';
import { quantityToText } from '../domain/quantity.js';
import { chargesToJson } from './holds.js';
import { type Column, insertInto, instant, rowTable, update } from './row-table.js';

const id: Column<Hold> = { name: 'id', type: 'text', cell: (hold) => hold.id };

/** Those that captures, releases, extensions and expiries change. */
const CHANGING: readonly Column<Hold>[] = [
  { name: 'held', type: 'numeric', cell: ({ held }) => quantityToText(held) },
  { name: 'used', type: 'numeric', cell: ({ used }) => quantityToText(used) },
  { name: 'charges', type: 'json', cell: ({ charges }) => chargesToJson(charges) },
  instant('expires_at', ({ expiresAt }) => expiresAt),
  instant('ended_at', ({ ended }) => ended?.at ?? null),
  { name: 'ended_how', type: 'text', cell: ({ ended }) => ended?.how ?? null },
];

/** An id that was used before fails the insertion, whatever has become of its idempotency key. */
export const newReservations = rowTable<Hold>({
  columns: [
    id,
    { name: 'entity_id', type: 'text', cell: ({ entityId }) => entityId },
    { name: 'feature_id', type: 'text', cell: ({ featureId }) => featureId },
    { name: 'event_name', type: 'text', cell: ({ eventName }) => eventName },
    { name: 'value', type: 'numeric', cell: ({ value }) => quantityToText(value) },
    { name: 'properties', type: 'jsonb', cell: ({ properties }) => properties ?? null },
    instant('created_at', ({ createdAt }) => createdAt),
    ...CHANGING,
  ],
  write: insertInto('reservations'),
});

export const changedReservations = rowTable<Hold>({
  columns: [{ ...id, sql: null }, ...CHANGING],
  write: update('reservations'),
});
