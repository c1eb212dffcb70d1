/** On which server each place is, as the server of the catalogue has it recorded (docs/adr/0070-places.md). */
import type pg from 'pg';
import { HOME } from '../../domain/place.js';

/** How far a move is. All but `BACK` follow each other. */
export type MoveStep =
  /** The copy and what fills it are being made. */
  | 'PREPARE'
  /** The copy is being filled. */
  | 'COPY'
  /** The place is being closed, so that the rest arrives, and compared. */
  | 'CLOSE'
  /** The copy is complete and becomes the place. Until the map says so, both are closed. */
  | 'SWITCH'
  /** The place is on its new server, where it remains to be opened. */
  | 'OPEN'
  /** The move is being undone. */
  | 'BACK';

/** A place that was moved once, or is being moved. */
export interface PlaceAt {
  readonly number: number;
  /** `HOME`, or the name of another one. */
  readonly server: string;
  /** How often it has moved. */
  readonly epoch: number;
  /** Null if it is not being moved. */
  readonly move: { readonly to: string; readonly step: MoveStep } | null;
}

type Client = Pick<pg.ClientBase | pg.Pool, 'query'>;

interface PlaceRow {
  readonly number: number;
  readonly server: string | null;
  readonly epoch: string;
  readonly moving_to: string | null;
  readonly step: MoveStep | null;
}

const PLACES =
  'SELECT number, server, epoch::text, moving_to, step FROM public.places ORDER BY number';

/** Places that are not in it are at home, and were never moved. */
export async function readPlaceMap(client: Client): Promise<ReadonlyMap<number, PlaceAt>> {
  const { rows } = await client.query<PlaceRow>({ text: PLACES, values: [] });
  return new Map(
    rows.map(({ number, server, epoch, moving_to, step }) => {
      const move = step === null ? null : { to: moving_to ?? HOME, step };
      return [number, { number, server: server ?? HOME, epoch: Number(epoch), move }];
    }),
  );
}

/** The names of the servers that were added, without `HOME`. */
export async function readServers(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>({
    text: 'SELECT name FROM public.servers ORDER BY name',
    values: [],
  });
  return rows.map(({ name }) => name);
}
