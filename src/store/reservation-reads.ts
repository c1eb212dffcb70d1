import { HOLD_ENDS } from '../domain/hold.js';
import { quantityFromText, ZERO } from '../domain/quantity.js';
import type { ReadPath } from '../meter/read/read-path.js';
import type { Reservation } from '../meter/reservation.js';
import { ms } from './account-rows.js';
import { ID_BOUNDS, numberOf, textOf } from './codec.js';
import { table } from './placed.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsByKey } from './read-one.js';
import { rowsByPage } from './read-page.js';

const COLUMNS = `(SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)),
  r.project_id, r.customer_key, r.id, r.entity_id, r.feature_id, r.event_name, r.value, r.held, r.used,
  r.properties, ${ms('r.created_at')}, ${ms('r.expires_at')}, ${ms('r.ended_at')}, r.ended_how`;

/** Well-formed texts of up to 255 bytes sort before this. */
const HIGHEST = '\u{10ffff}'.repeat(64);

export function reservationReads(
  client: ReadClient,
  clockOffsetMs: () => number,
): Pick<ReadPath, 'reservations' | 'reservationPages'> {
  const from = (row: Row) => reservationFromCells(row, clockOffsetMs());
  const sql = { table: table('reservations'), columns: COLUMNS, from };
  return {
    reservations: rowsByKey(client, {
      ...sql,
      key: { customer_key: 'uuid', id: 'text' },
      keyOf: ({ customerKey, id }) => [customerKey, id],
      where: 'true',
    }),
    reservationPages: rowsByPage(client, {
      ...sql,
      key: 'id',
      keyType: 'text',
      bounds: [ID_BOUNDS[0], HIGHEST],
      descending: false,
      filter: null,
      lists: { customer_key: 'uuid', shift_ms: 'float8' },
      listOf: ({ customerKey }) => [customerKey, String(clockOffsetMs())],
      where: `r.customer_key = w.customer_key AND r.project_id = $1 AND r.ended_at IS NULL
        AND r.expires_at > clock_timestamp() + make_interval(secs => w.shift_ms / 1000)`,
    }),
  };
}

/** R27: shown as expired from its instant on, whether or not that is on record. */
function reservationFromCells(row: Row, shiftMs: number): Reservation {
  const [now, projectId, customerKey, id, entityId = null, featureId = null, eventName = null] =
    row;
  const [value, held, used, properties = null, createdAt, expiresAt, endedAt, endedHow] =
    row.slice(7);
  const how = HOLD_ENDS.find((end) => end === endedHow);
  const isOver = numberOf(expiresAt) <= numberOf(now) + shiftMs;
  const ended =
    how !== undefined
      ? { how, at: numberOf(endedAt) }
      : isOver
        ? { how: 'EXPIRED' as const, at: numberOf(expiresAt) }
        : null;
  return {
    projectId: textOf(projectId),
    customerKey: textOf(customerKey),
    id: textOf(id),
    entityId,
    featureId,
    eventName,
    value: quantityFromText(textOf(value)),
    held: ended === null ? quantityFromText(textOf(held)) : ZERO,
    used: quantityFromText(textOf(used)),
    properties,
    createdAt: numberOf(createdAt),
    expiresAt: numberOf(expiresAt),
    ended,
  };
}
