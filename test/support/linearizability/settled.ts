/** What must be in the database after recorded calls, whatever was killed meanwhile. */
import type pg from 'pg';
import { expect } from 'vitest';
import { connect } from '../database/connections.js';
import { viewPlaces } from '../database/places.js';
import { damagesOf } from '../database/project.js';
import { reservationsIn } from './killed.js';
import type { Recorder } from './record.js';

export type Ends = Readonly<Record<'LIVE' | 'CAPTURED' | 'RELEASED' | 'EXPIRED', number>>;

interface ReservationRow {
  readonly customerId: string;
  readonly id: string;
  readonly status: keyof Ends;
  readonly held: number;
  readonly used: number;
  /** The sum of the events that captured it. */
  readonly captured: number;
}

/** A reservation that has not been ended is live until its expiry. */
const RESERVATIONS = `SELECT c.id AS "customerId", r.id, r.held::float, r.used::float,
    coalesce(r.ended_how, CASE WHEN r.expires_at <= now() THEN 'EXPIRED' ELSE 'LIVE' END) AS status,
    (SELECT coalesce(sum(e.value), 0)::float FROM events e
      WHERE e.customer_key = r.customer_key AND e.reservation_id = r.id) AS captured
  FROM reservations r JOIN customers c USING (customer_key)`;

const EVENTS = `SELECT c.id AS "customerId", e.idempotency_key AS key FROM events e JOIN customers c USING (customer_key)
  WHERE e.idempotency_key IS NOT NULL`;

/**
 * Every reservation that was made is there, as it was last seen, with the events that captured it; every event that was
 * acknowledged is there once; every figure is the sum of its ledger. Returns how the reservations ended.
 */
export async function expectSettled(
  databaseUrl: string,
  recorders: readonly Recorder[],
): Promise<Ends> {
  await viewPlaces(databaseUrl);
  const client = await connect(databaseUrl);
  try {
    const { rows } = await client.query<ReservationRow>(RESERVATIONS);
    const ends = { LIVE: 0, CAPTURED: 0, RELEASED: 0, EXPIRED: 0 };
    for (const { status } of rows) ends[status] += 1;
    for (const recorder of recorders) {
      expectHolds(recorder, rows);
      await expectEvents(recorder, client);
    }
    expect(rows.length).toBe(recorders.flatMap(reservationsIn).length);
    return ends;
  } finally {
    await client.end();
    expect(await damagesOf({ connectionString: databaseUrl })).toEqual([]);
  }
}

function expectHolds(recorder: Recorder, rows: readonly ReservationRow[]): void {
  const { customerId, operations } = recorder;
  const seen = new Map(
    operations.flatMap(({ call, answer }) =>
      call.verb === 'hold' ? [[call.reservationId, answer] as const] : [],
    ),
  );
  for (const row of rows.filter((one) => one.customerId === customerId)) {
    const { id, status, held, used, captured } = row;
    const last = seen.get(id);
    // It may have expired since.
    const now = status === 'EXPIRED' && last?.['status'] === 'LIVE' ? { ...last, status } : last;
    expect({ status: now?.['status'], used: now?.['used'] }, id).toEqual({ status, used });
    expect(captured, `${id}: the events that captured it`).toBe(used);
    if (status === 'CAPTURED' || status === 'RELEASED') expect(held, id).toBe(0);
  }
}

async function expectEvents(recorder: Recorder, client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ customerId: string; key: string }>(
    `${EVENTS} AND c.id = $1`,
    [recorder.customerId],
  );
  const stored = rows.map(({ key }) => key).sort();
  expect(stored).toEqual([...recorder.events.keys()].sort());
}
