/**
 * The order in which a database has executed the calls for a customer. Triggers record it, because
 * the answer to a call does not say what preceded it.
 */
import { numberOf, type Place, placesOf } from '../../../src/store/placed.js';
import { withClient } from '../database/connections.js';
import { PLACES } from '../database/places.js';
import { serversOf } from '../database/servers.js';
import { isOnSecond, showBoth } from '../database/two-servers.js';
import type { TwoGateways } from '../gateway/two-gateways.js';

const NOTE = `
  CREATE TABLE public.noted (
    number bigserial PRIMARY KEY, transaction xid8 NOT NULL, customer_key uuid NOT NULL,
    kind text NOT NULL, id text NOT NULL
  );
  CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO public.noted (transaction, customer_key, kind, id) VALUES (
      pg_current_xact_id(), NEW.customer_key, TG_ARGV[0],
      CASE WHEN TG_ARGV[0] = 'KEY' THEN to_jsonb(NEW) ->> 'key' ELSE to_jsonb(NEW) ->> 'id' END);
    RETURN NULL;
  END $$`;

const KINDS = { events: 'EVENT', balances: 'BALANCE', idempotency_keys: 'KEY' };

const triggersIn = (places: readonly Place[]) =>
  places.flatMap((place) =>
    Object.entries(KINDS).map(
      ([table, kind]) => `CREATE TRIGGER note AFTER INSERT ON ${place}.${table}
      FOR EACH ROW EXECUTE FUNCTION public.note('${kind}')`,
    ),
  );

/** One commit of one customer's calls. */
export interface Batch {
  /** Ids of events and balances, in the order in which they were decided. */
  readonly ids: readonly string[];
  /** The idempotency keys that were used. */
  readonly keys: ReadonlySet<string>;
}

export async function noteOrder({ sql, databaseUrl }: TwoGateways): Promise<void> {
  const [second] = serversOf(databaseUrl).values();
  const isThere = (place: Place) => second !== undefined && isOnSecond(numberOf(place));
  const places = placesOf(PLACES);
  const here = [NOTE, ...triggersIn(places.filter((place) => !isThere(place)))];
  for (const statement of here) await sql(statement);
  if (second === undefined) return;
  await withClient(second, async (client) => {
    for (const statement of [NOTE, ...triggersIn(places.filter(isThere))])
      await client.query(statement);
  });
  await showBoth(databaseUrl, 'noted');
}

interface Noted {
  readonly batch: string;
  readonly kind: 'EVENT' | 'BALANCE' | 'KEY';
  readonly id: string;
}

/** The customer's commits in order: each one has held the lock since before its first row. */
export async function batchesOf({ sql }: TwoGateways, customerId: string): Promise<Batch[]> {
  const rows = await sql<Noted>(
    `SELECT transaction::text AS batch, kind, noted.id FROM noted
    JOIN customers USING (customer_key) WHERE customers.id = $1 ORDER BY number`,
    [customerId],
  );
  const batches = new Map<string, { ids: string[]; keys: Set<string> }>();
  for (const { batch, kind, id } of rows) {
    const found = batches.get(batch) ?? { ids: [], keys: new Set() };
    batches.set(batch, found);
    if (kind === 'KEY') found.keys.add(id);
    else found.ids.push(id);
  }
  return [...batches.values()].map(({ ids, keys }) => ({ ids: inOrder(ids), keys }));
}

const SEQUENCE_SIZE = 2 ** 12;

/**
 * By the 12 bits in which a gateway counts its ids (platform/id.ts). The count wraps around at
 * 4,096, which may happen within a batch.
 */
function inOrder(ids: readonly string[]): string[] {
  const counts = ids.map((id) => Number.parseInt(id.slice(15, 18), 16));
  const straddles = Math.max(...counts) - Math.min(...counts) > SEQUENCE_SIZE / 2;
  return ids
    .map((id, index) => ({ id, count: counts[index] ?? 0 }))
    .map(({ id, count }) => ({
      id,
      count: straddles && count < SEQUENCE_SIZE / 2 ? count + SEQUENCE_SIZE : count,
    }))
    .sort((a, b) => a.count - b.count)
    .map(({ id }) => id);
}
