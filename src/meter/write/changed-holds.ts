import type { Account } from '../../domain/account.js';
import { earliest } from '../../domain/advance.js';
import type { Hold } from '../../domain/hold.js';
import type { Instant } from '../../domain/interval.js';
import { ZERO } from '../../domain/quantity.js';
import type { RowDraft } from './row-draft.js';

/** The reservations that are new, have changed or have ended, each in its last state. Accounts without any have nothing to do here. */
export function pushHolds(rows: RowDraft, start: Account, end: Account): void {
  if (start.holds.length === 0 && end.holds.length === 0 && start.ended === end.ended) return;
  rows.divideEntries(({ reservedAfter }) => reservedAfter !== ZERO);
  if (start.holds === end.holds && start.ended === end.ended) return;
  const before = new Map(start.holds.map((hold) => [hold.id, hold]));
  const push = (hold: Hold) => {
    const known = before.get(hold.id);
    if (known === undefined) rows.push('newReservations', hold);
    else if (known !== hold) rows.push('changedReservations', hold);
  };
  for (const hold of end.holds) push(hold);
  for (const [id, hold] of end.ended) {
    if (hold !== null && start.ended.get(id) !== hold) push(hold);
  }
}

/** The next instant at which one of the reservations expires. */
export function firstExpiry(holds: readonly Hold[]): Instant | null {
  return holds.reduce<Instant | null>((next, { expiresAt }) => earliest(next, expiresAt), null);
}

/** Properties of up to this length are kept together with a reservation; longer ones are read when they are needed. */
const PROPERTIES_CHARS_MAX = 1_000;

/** The reservations as they are kept between batches. */
export function cachedHolds(holds: readonly Hold[]): readonly Hold[] {
  const isLong = ({ properties }: Hold) => (properties?.length ?? 0) > PROPERTIES_CHARS_MAX;
  return holds.some(isLong)
    ? holds.map((hold) => (isLong(hold) ? { ...hold, properties: undefined } : hold))
    : holds;
}

/** Whether everything about the reservation is at hand, or that it has ended. */
export function knowsHold(account: Account, reservationId: string): boolean {
  const hold = account.holds.find(({ id }) => id === reservationId);
  return hold === undefined ? account.ended.has(reservationId) : hold.properties !== undefined;
}
