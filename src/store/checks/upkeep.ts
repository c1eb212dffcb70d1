import { type Place, type Placed, placed, table } from '../placed.js';
import type { ReadClient } from '../read-client.js';
import { DUE_SOURCES, DUE_START, dueOf } from '../sweeps.js';
import type { Check, CheckContext } from './check.js';
import { type Finding, note, ok, warning } from './finding.js';
import { durationOf } from './sessions.js';
import { sizeOf } from './storage.js';

/** Whether what gateways do besides answering calls keeps up. */
export const upkeepChecks: readonly Check[] = [
  { codes: ['overdue'], embedded: true, tables: true, ofCustomers: true, run: overdue },
  {
    codes: ['idempotency_keys'],
    embedded: true,
    tables: true,
    ofCustomers: true,
    run: idempotencyKeys,
  },
  {
    codes: ['event_properties'],
    embedded: true,
    tables: true,
    ofCustomers: true,
    run: eventProperties,
  },
];

/** As the sweeper finds it: the first row of each index. */
async function overdue(context: CheckContext): Promise<Finding[]> {
  const { limits, gateway } = context;
  const clients = context.places.map((place) => readerOf(context, place));
  let overdueMs = 0;
  for (const source of DUE_SOURCES) {
    const page = await dueOf(clients, { source, after: DUE_START, rowsMax: 1, clockOffsetMs: 0 });
    overdueMs = Math.max(overdueMs, page.overdueMs);
  }
  const since = `What has been due for longest, and is not on record, is so for ${durationOf(overdueMs / 1_000)}.`;
  if (overdueMs === 0) return [ok('overdue', 'Nothing is due that is not on record.')];
  if (!gateway.sweep) {
    return [
      ok(
        'overdue',
        `${since} SWEEP is off, so this is persisted when its customer next uses something.`,
      ),
    ];
  }
  if (overdueMs <= limits.overdueMs) return [ok('overdue', since)];
  return [
    warning('overdue', {
      found: since,
      meaning:
        'Answers are right all the same. Either no gateway runs with SWEEP=on, or there is too much to do, or these customers fail, of which the log has a warning each.',
      advice: "Look for behindMs and leftOut in the gateways' log.",
    }),
  ];
}

const AS_TEXT = { getTypeParser: () => (text: string) => text };

function readerOf({ client }: CheckContext, place: Place): ReadClient {
  return {
    rows: async (sql, ...values) => {
      const query = {
        text: sql.in(place),
        values: [...values],
        rowMode: 'array' as const,
        types: AS_TEXT,
      };
      return (await client.query<(string | null)[]>(query)).rows;
    },
  };
}

/** The first pages of a table have its oldest rows, or new ones in the place of those that were deleted. */
const FIRST_PAGES = "ctid < '(16,0)'::tid";

/** A pruner that works once a day may be a day late, and a batch later. */
const GRACE_DAYS = 2;

const OLD_KEYS = placed`SELECT pg_total_relation_size('${table('idempotency_keys')}')::float8 AS bytes,
  (SELECT extract(epoch FROM clock_timestamp() - min(k.recorded_at))::float8 FROM ${table('idempotency_keys')} k
    WHERE k.${FIRST_PAGES} AND NOT EXISTS (SELECT FROM ${table('reservations')} r
      WHERE r.customer_key = k.customer_key AND r.id = k.key OFFSET 0)) AS seconds`;

interface Oldest {
  readonly bytes: number;
  /** Null if there is none. */
  readonly seconds: number | null;
}

/** Of all places. */
async function oldestOf({ client, places }: CheckContext, sql: Placed): Promise<Oldest> {
  let oldest: Oldest = { bytes: 0, seconds: null };
  for (const place of places) {
    const { rows } = await client.query<Oldest>({ text: sql.in(place), values: [] });
    const { bytes, seconds } = rows[0] ?? { bytes: 0, seconds: null };
    const ages = [oldest.seconds, seconds].filter((age) => age !== null);
    oldest = { bytes: oldest.bytes + bytes, seconds: ages.length === 0 ? null : Math.max(...ages) };
  }
  return oldest;
}

async function idempotencyKeys(context: CheckContext): Promise<Finding[]> {
  const { gateway, limits } = context;
  const { bytes, seconds } = await oldestOf(context, OLD_KEYS);
  const days = gateway.idempotencyKeyDays;
  const size = `Idempotency keys and their results take ${sizeOf(bytes)}`;
  if (days === null) {
    if (bytes < limits.keysBytes) return [ok('idempotency_keys', `${size}.`)];
    return [
      note('idempotency_keys', {
        found: `${size}, and IDEMPOTENCY_KEY_DAYS is not set.`,
        meaning: 'They are kept indefinitely.',
        advice: 'Set it, or run this, with an age beyond which no client retries:',
        commands: ['npm run db:prune -- --older-than 90'],
      }),
    ];
  }
  if (!isLate(seconds, days)) return [ok('idempotency_keys', `${size}.`)];
  return [
    warning('idempotency_keys', {
      found: `There are idempotency keys that are ${durationOf(seconds ?? 0)} old, and IDEMPOTENCY_KEY_DAYS is ${days}.`,
      meaning: 'No gateway with this setting has run for a day, or it cannot keep up.',
      advice: 'To delete them now, run:',
      commands: [`npm run db:prune -- --older-than ${days}`],
    }),
  ];
}

const OLD_PROPERTIES = placed`SELECT 0::float8 AS bytes, (SELECT extract(epoch FROM clock_timestamp() - min(occurred_at))::float8
    FROM ${table('events')} WHERE ${FIRST_PAGES} AND properties IS NOT NULL) AS seconds`;

async function eventProperties(context: CheckContext): Promise<Finding[]> {
  const days = context.gateway.eventPropertiesDays;
  if (days === null) return [ok('event_properties', 'Properties of events are kept.')];
  const { seconds } = await oldestOf(context, OLD_PROPERTIES);
  if (!isLate(seconds, days)) {
    return [ok('event_properties', `No properties are much older than ${days} days.`)];
  }
  return [
    warning('event_properties', {
      found: `There are properties of events that are ${durationOf(seconds ?? 0)} old, and EVENT_PROPERTIES_DAYS is ${days}.`,
      meaning: 'No gateway with this setting has run for a day, or it cannot keep up.',
      advice: 'To erase them now, run:',
      commands: [`npm run db:prune -- --properties-older-than ${days}`],
    }),
  ];
}

function isLate(seconds: number | null, days: number): boolean {
  return (seconds ?? 0) > (days + GRACE_DAYS) * 86_400;
}
