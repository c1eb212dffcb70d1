import { UnavailableError } from '../domain/unavailable.js';
import type { CustomerScope } from '../meter/store.js';
import { monotonicMs } from '../platform/clock.js';
import { numberOf, textOf } from './codec.js';
import type { DatabaseAddress } from './database.js';
import { type Placed, placed, table } from './placed.js';
import { mergedFirst } from './places/merged.js';
import type { ReadClient, Row } from './read-client.js';
import { createTurns, type SweepTurns } from './sweep-turns.js';

/** Where rows may be due. */
export type DueSource = 'BALANCES' | 'RESERVATIONS';

export const DUE_SOURCES: readonly DueSource[] = ['BALANCES', 'RESERVATIONS'];

/** A place in the order in which things come due: an instant, and a customer key. */
export type DueCursor = readonly [dueAt: string, customerKey: string];

export const DUE_START: DueCursor = ['-infinity', '00000000-0000-0000-0000-000000000000'];

export interface DuePage {
  /** Those of whom something is due, each once. */
  readonly customers: readonly CustomerScope[];
  /** Where the next page begins; null if this is the last one. */
  readonly next: DueCursor | null;
  /** For how long the first of them has been due; 0 if there is none. */
  readonly overdueMs: number;
}

/** What the sweeper needs to know, of all places. */
export interface Sweeps {
  /** Up to so many rows that are due after a place, in order, in one cheap statement. */
  due(source: DueSource, after: DueCursor, rowsMax: number): Promise<DuePage>;
  /** For one sweeper at a time on this database. */
  turns(): SweepTurns;
}

export interface SweepsOptions {
  /** For each place. */
  readonly clients: readonly ReadClient[];
  readonly address: DatabaseAddress;
  readonly connectTimeoutMs: number;
  readonly clockOffsetMs: () => number;
}

export function sweepsOf({ clients, clockOffsetMs, ...options }: SweepsOptions): Sweeps {
  const skippedUntil = new Map<ReadClient, number>();
  return {
    due(source, after, rowsMax) {
      const now = monotonicMs();
      const reached = clients.filter((client) => (skippedUntil.get(client) ?? 0) <= now);
      const asked = reached.length === 0 ? clients : reached;
      let failed = 0;
      const skip = (client: ReadClient, error: unknown) => {
        failed += 1;
        if (!(error instanceof UnavailableError) || failed === asked.length) throw error;
        skippedUntil.set(client, now + SKIPPED_MS);
      };
      const query = { source, after, rowsMax, clockOffsetMs: clockOffsetMs() };
      return dueOf(asked, query, skip);
    },
    turns: () => createTurns(options),
  };
}

/** For how long a place that cannot be read is skipped: a server that is down must not keep what is due in the places of others waiting. */
const SKIPPED_MS = 30_000;

export interface DueQuery {
  readonly source: DueSource;
  readonly after: DueCursor;
  readonly rowsMax: number;
  readonly clockOffsetMs: number;
}

/** `skip` has the error of a place that cannot be read, and throws it unless the place is to be skipped. */
export async function dueOf(
  clients: readonly ReadClient[],
  { source, after: [dueAt, customerKey], rowsMax, clockOffsetMs }: DueQuery,
  skip: (client: ReadClient, error: unknown) => void = rethrow,
): Promise<DuePage> {
  const parameters = [clockOffsetMs, dueAt, customerKey, rowsMax] as const;
  const inPlaces: (readonly Row[])[] = [];
  for (const client of clients) {
    try {
      inPlaces.push(await client.rows(STATEMENTS[source], ...parameters));
    } catch (error) {
      skip(client, error);
    }
  }
  return pageOf(mergedFirst(inPlaces, isDueBefore, rowsMax), rowsMax);
}

function rethrow(_client: ReadClient, error: unknown): never {
  throw error;
}

/** Times of the same zone, as PostgreSQL writes them, are in the order of their texts. */
function isDueBefore([dueAt, customerKey]: Row, [otherAt, otherKey]: Row): boolean {
  const [one, other] = [textOf(dueAt), textOf(otherAt)];
  return one === other ? textOf(customerKey) < textOf(otherKey) : one < other;
}

interface Index {
  readonly table: Placed;
  readonly dueAt: string;
  readonly where: string;
}

/** Each has an index of its own. A clock that is read by a subquery is read once, so that the index can stop there. */
const dueIn = ({
  table,
  dueAt,
  where,
}: Index) => placed`SELECT d.due_at::text, d.customer_key, d.project_id,
    floor(extract(epoch FROM d.now - d.due_at) * 1000)::bigint
  FROM (SELECT ${dueAt} AS due_at, customer_key, project_id, (SELECT ${NOW}) AS now FROM ${table}
    WHERE ${where} AND ${dueAt} <= (SELECT ${NOW})
      AND (${dueAt}, customer_key) > ($2::timestamptz, $3::uuid)
    ORDER BY ${dueAt}, customer_key LIMIT $4::bigint) AS d
  ORDER BY d.due_at, d.customer_key`;

const NOW = 'clock_timestamp() + make_interval(secs => $1::float8 / 1000)';

const NEXT_CHANGE = 'least(next_reset_at, expires_at)';

const STATEMENTS: Readonly<Record<DueSource, Placed>> = {
  BALANCES: dueIn({
    table: table('balances'),
    dueAt: NEXT_CHANGE,
    where: `expired_at IS NULL AND ${NEXT_CHANGE} IS NOT NULL`,
  }),
  RESERVATIONS: dueIn({
    table: table('reservations'),
    dueAt: 'expires_at',
    where: 'ended_how IS NULL',
  }),
};

function pageOf(rows: readonly Row[], rowsMax: number): DuePage {
  const customers = new Map<string, CustomerScope>();
  for (const [, key, projectId] of rows) {
    const customerKey = textOf(key);
    customers.set(customerKey, { customerKey, projectId: textOf(projectId) });
  }
  const last = rows.at(-1);
  return {
    customers: [...customers.values()],
    next: last === undefined || rows.length < rowsMax ? null : [textOf(last[0]), textOf(last[1])],
    overdueMs: rows[0] === undefined ? 0 : Math.max(0, numberOf(rows[0][3])),
  };
}
