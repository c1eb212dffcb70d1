/** How far the move of a place is, as the server of the catalogue has it recorded. */

import { setTimeout as wait } from 'node:timers/promises';
import { HOME } from '../../domain/place.js';
import { type MoveStep, type PlaceAt, readPlaceMap } from './place-map.js';
import type { ServerSession } from './server-sessions.js';
import { MAP_KNOWN_MS } from './whereabouts.js';

/** Where it is, also if it was never moved. */
export async function readPlace({ client }: ServerSession, number: number): Promise<PlaceAt> {
  const map = await readPlaceMap(client);
  return map.get(number) ?? { number, server: HOME, epoch: 0, move: null };
}

/** A gateway that takes a place to be on a server where it was must not find a copy there that is being filled. */
export async function untilMapIsKnown(
  { client }: ServerSession,
  number: number,
  mapKnownMs = MAP_KNOWN_MS,
): Promise<void> {
  const { rows } = await client.query<{ ms: number }>(
    'SELECT extract(epoch FROM clock_timestamp() - changed_at)::float8 * 1000 AS ms FROM public.places WHERE number = $1',
    [number],
  );
  const sinceMs = rows[0]?.ms ?? mapKnownMs;
  if (sinceMs < mapKnownMs) await wait(mapKnownMs - sinceMs);
}

const orNull = (server: string) => (server === HOME ? null : server);

export async function beginMove({ client }: ServerSession, number: number, to: string) {
  await client.query(
    `INSERT INTO public.places (number, moving_to, step) VALUES ($1, $2, 'PREPARE')
      ON CONFLICT (number) DO UPDATE SET moving_to = $2, step = 'PREPARE', changed_at = now()`,
    [number, orNull(to)],
  );
}

/** Null if it has ended. */
export async function recordStep(
  { client }: ServerSession,
  number: number,
  step: MoveStep | null,
): Promise<void> {
  await client.query(
    `UPDATE public.places SET step = $2::text, changed_at = now(), moving_to = CASE WHEN $2::text IS NOT NULL THEN moving_to END
    WHERE number = $1`,
    [number, step],
  );
}

/** From now on, the place is on its new server. */
export async function recordMoved({ client }: ServerSession, { number, epoch, move }: PlaceAt) {
  const { rowCount } = await client.query(
    `UPDATE public.places SET server = $2, moved_from = server, epoch = epoch + 1, step = 'OPEN', changed_at = now()
    WHERE number = $1 AND epoch = $3 AND step = 'SWITCH'`,
    [number, orNull(move?.to ?? HOME), epoch],
  );
  if (rowCount !== 1) throw new Error('the map was changed meanwhile');
}

/** The server on which the copy of before the last move is. */
export async function leftBy({ client }: ServerSession, number: number): Promise<string> {
  const { rows } = await client.query<{ name: string | null }>(
    'SELECT moved_from AS name FROM public.places WHERE number = $1',
    [number],
  );
  return rows[0]?.name ?? HOME;
}
