import type { Instant } from '../domain/interval.js';
import { quantityFromText } from '../domain/quantity.js';
import type { Answer, EventPage, EventRows, ReadPath } from '../meter/read/read-path.js';
import type { EventFilter, UsageEvent } from '../meter/store.js';
import { uuidOf } from '../platform/id.js';
import { JsonText } from '../platform/json-text.js';
import { ms } from './account-rows.js';
import { numberOf, textOf, UUID_BOUNDS } from './codec.js';
import { eventOutcomeFromJson } from './event-outcome.js';
import { AMENDED_EVENT, eventVoidFromText, VOID_OF_EVENT } from './event-void.js';
import { joined, type Placed, placed, table } from './placed.js';
import type { ReadClient, Row } from './read-client.js';
import { rowsByKey } from './read-one.js';
import { type PageRows, pagesOf, type WantedPage } from './read-page.js';
import { rowsInSteps } from './rows-in-steps.js';

/** The columns of an event `r`, of which `eventFromCells` makes one. */
const columnsOf = (properties: string): readonly (Placed | string)[] => [
  'r.project_id',
  'r.customer_key',
  'r.id',
  'r.entity_id',
  'r.feature_id',
  'r.event_name',
  'r.value',
  properties,
  ms('r.occurred_at'),
  ms('r.recorded_at'),
  'r.idempotency_key',
  'r.outcome',
  'r.reservation_id',
  VOID_OF_EVENT,
  AMENDED_EVENT,
];

const PROPERTIES = "coalesce(r.properties::text, 'null')";

/** An event `r` as an array of texts. */
export const EVENT_CELLS = placed`ARRAY[${joined(
  columnsOf(PROPERTIES).map((column) => placed`(${column})::text`),
  ', ',
)}]`;

/** Properties take up to 64 KiB, so they are only read where they are requested. */
const COLUMNS = joined(columnsOf(`CASE WHEN w.with_properties THEN ${PROPERTIES} END`), ', ');

/** The parts of a filter that match a column, by their columns. */
const NAMES = {
  customer_key: 'customerKey',
  entity_id: 'entityId',
  feature_id: 'featureId',
  event_name: 'eventName',
} as const satisfies Record<string, keyof EventFilter>;

type Name = keyof typeof NAMES;

/** What is asked of an event besides which it is. */
const ASKED = { with_properties: 'boolean' } as const;

/** As in customer-row.ts: where it is `=`, PostgreSQL may look for a customer's events among those of the project. */
const OF_PROJECT = 'r.project_id IS NOT DISTINCT FROM $1';

/** The indexes that end in the id, by what comes before it; the first that fits a filter finds its events. */
const INDEXES: readonly { readonly names: readonly Name[]; readonly where: string }[] = [
  {
    names: ['customer_key', 'entity_id'],
    where: `r.customer_key = w.customer_key AND r.entity_id = w.entity_id AND ${OF_PROJECT}`,
  },
  { names: ['customer_key'], where: `r.customer_key = w.customer_key AND ${OF_PROJECT}` },
  { names: ['feature_id'], where: 'r.project_id = $1 AND r.feature_id = w.feature_id' },
  { names: ['event_name'], where: 'r.project_id = $1 AND r.event_name = w.event_name' },
  { names: [], where: 'r.project_id = $1' },
];

type List = (projectId: string, wanted: readonly WantedPage[]) => Promise<PageRows[]>;

export function eventReads(client: ReadClient): Pick<ReadPath, 'events' | 'eventPages'> {
  const lists = new Map<string, List>();
  const listOf = (names: readonly Name[]): List => {
    const list = lists.get(names.join()) ?? eventList(client, names);
    lists.set(names.join(), list);
    return list;
  };
  return {
    events: rowsByKey(client, {
      table: table('events'),
      columns: COLUMNS,
      key: { customer_key: 'uuid', id: 'uuid' },
      asked: ASKED,
      keyOf: ({ customerKey, eventId, withProperties }) => [
        customerKey,
        eventId,
        String(withProperties),
      ],
      where: 'true',
      from: eventFromCells,
    }),
    eventPages: async (projectId, wanted) => {
      const found = new Map<EventPage, PageRows>();
      const read = async (pages: readonly EventPage[]) => {
        const [first] = pages;
        if (first === undefined) return;
        const names = namesOf(first.filter);
        const rows = await listOf(names)(
          projectId,
          pages.map((page) => wantedOf(page, names)),
        );
        for (const [n, page] of pages.entries()) found.set(page, rows[n] ?? NOTHING);
      };
      await Promise.all([...byNames(wanted).values()].map(read));
      return wanted.map((page) => {
        return eventsOf(page, found.get(page) ?? NOTHING);
      });
    },
  };
}

/**
 * Where a search stops is read after the events that it finds. If others have been recorded in between, that is nearer to the
 * start than it was, and the next page must not begin before the last event of this one.
 */
function* eventsOf({ inverted }: EventPage, { rows, stoppedAt }: PageRows): Answer<EventRows> {
  const events = yield* rowsInSteps(rows, eventFromCells);
  const last = events.at(-1)?.id;
  if (stoppedAt === null || last === undefined) return { events, stoppedAt };
  return { events, stoppedAt: inverted ? greater(stoppedAt, last) : lesser(stoppedAt, last) };
}

const NOTHING: PageRows = { rows: [], stoppedAt: null };

/** Which of these a filter has. */
function namesOf(filter: EventFilter): Name[] {
  const names = Object.entries(NAMES) as [Name, keyof EventFilter][];
  return names.flatMap(([name, field]) => (filter[field] === null ? [] : [name]));
}

/** Pages whose filters have the same parts are read together. */
function byNames(wanted: readonly EventPage[]): Map<string, EventPage[]> {
  const groups = new Map<string, EventPage[]>();
  for (const page of wanted) {
    const key = namesOf(page.filter).join();
    groups.set(key, [...(groups.get(key) ?? []), page]);
  }
  return groups;
}

function eventList(client: ReadClient, names: readonly Name[]): List {
  const index = INDEXES.find((one) => one.names.every((name) => names.includes(name)));
  const others = names.filter((name) => index?.names.includes(name) === false);
  return pagesOf(client, {
    table: table('events'),
    columns: COLUMNS,
    key: 'id',
    keyType: 'uuid',
    bounds: UUID_BOUNDS,
    descending: true,
    lists: {
      ...Object.fromEntries(names.map((name) => [name, typeOf(name)])),
      ...ASKED,
    },
    where: index?.where ?? 'r.project_id = $1',
    filter:
      others.length === 0 ? null : others.map((name) => `r.${name} = w.${name}`).join(' AND '),
  });
}

function typeOf(name: Name): string {
  return name === 'customer_key' ? 'uuid' : 'text';
}

/** An id begins with the time of its event, so a range of time is a range of ids. */
function wantedOf(page: EventPage, names: readonly Name[]): WantedPage {
  const { filter, after, before } = page;
  const { occurredFrom, occurredBefore } = filter;
  const earliest = occurredFrom === null ? null : firstIdAt(occurredFrom);
  const latest = occurredBefore === null ? null : firstIdAt(occurredBefore);
  return {
    page: { ...page, before: greater(before, earliest), after: lesser(after, latest) },
    list: [...names.map((name) => filter[NAMES[name]] as string), String(page.withProperties)],
  };
}

/** UUIDs sort in the same order as their texts. */
function greater(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function lesser(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/** The last millisecond that fits into a UUIDv7. */
const ID_TIME_MAX_MS = 2 ** 48 - 1;

/** Before all ids of that time and after all earlier ones: the digits after the time are never all zero. */
function firstIdAt(time: Instant): string {
  return uuidOf(Math.min(Math.max(Math.ceil(time), 0), ID_TIME_MAX_MS), '0'.repeat(20));
}

export function eventFromCells(row: Row): UsageEvent {
  const [projectId, customerKey, id, entityId = null, featureId = null, eventName = null] = row;
  const [value, properties, occurredAt, recordedAt, idempotencyKey = null, ...rest] = row.slice(6);
  const [outcome, reservationId = null, voided, amendsId = null] = rest;
  return {
    projectId: textOf(projectId),
    customerKey: textOf(customerKey),
    id: textOf(id),
    entityId,
    featureId,
    eventName,
    value: quantityFromText(textOf(value)),
    properties: propertiesOf(properties),
    occurredAt: numberOf(occurredAt),
    recordedAt: numberOf(recordedAt),
    idempotencyKey,
    reservationId,
    outcome: eventOutcomeFromJson(JSON.parse(textOf(outcome))),
    voided: eventVoidFromText(voided),
    amendsId,
  };
}

function propertiesOf(cell: string | null | undefined): UsageEvent['properties'] {
  if (!cell) return undefined;
  return cell === 'null' ? null : new JsonText(cell);
}
