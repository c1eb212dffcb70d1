import { entityKeyWithin, isEntityWithin, keyWithin } from '../access/only-customer.js';
import type { Reservation } from '../reservation.js';
import type { ReadContext } from '../verb.js';
import { customerKeyIn, lengthOf, pageKind, readOne, rowKind } from './read-kind.js';
import type { ReservationAddress, ReservationPage } from './read-path.js';

/** Properties take up to 64 KiB, as those of events do. */
const TIMES_AS_LARGE = 10;

const ONE = rowKind<ReservationAddress, Reservation | null>({
  timesAsLarge: TIMES_AS_LARGE,
  textOf: ({ customerKey, id }) => `${customerKey}:${id}`,
  within: ({ customerKey, id }, only) => ({ customerKey: keyWithin(customerKey, only), id }),
  customerKeyOf: customerKeyIn,
  load: (path, projectId, addresses) => path.reservations(projectId, addresses),
});

const PAGE = pageKind<ReservationPage, readonly Reservation[]>({
  timesAsLarge: TIMES_AS_LARGE,
  listOf: ({ customerKey }) => customerKey,
  within: (page, only) => ({
    ...page,
    customerKey: entityKeyWithin(page.customerKey, null, only),
  }),
  customerKeyOf: customerKeyIn,
  load: (path, projectId, pages) => path.reservationPages(projectId, pages),
  rowsFound: lengthOf,
});

/** A reservation of a customer, an ended one too, or null if it does not exist. */
export async function readReservation(
  ctx: ReadContext,
  address: ReservationAddress,
): Promise<Reservation | null> {
  const found = await readOne(ctx, ONE, address);
  return found !== null && isEntityWithin(found.entityId, ctx.caller.only) ? found : null;
}

/** The reservations of a customer that have not ended, by id. */
export function listReservations(
  ctx: ReadContext,
  page: ReservationPage,
): Promise<readonly Reservation[]> {
  return readOne(ctx, PAGE, page);
}
