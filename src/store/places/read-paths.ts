import { present } from '../../domain/assert.js';
import { isBefore, positionOf } from '../../domain/customer-order.js';
import { placeOf } from '../../domain/place.js';
import type {
  Answer,
  EventPage,
  EventRows,
  Page,
  ReadMany,
  ReadPath,
} from '../../meter/read/read-path.js';
import type { Customer } from '../../meter/store.js';
import { mergedFirst } from './merged.js';

/** Reads of one customer go to its place, lists of a project to all places, and what belongs to the catalogue to the first. */
export function readPathOf(paths: readonly ReadPath[]): ReadPath {
  const home = present(paths[0], 'there is a place');
  if (paths.length === 1) return home;
  const each = <Wanted, Found>(method: (path: ReadPath) => ReadMany<Wanted, Found>) =>
    paths.map(method);
  const events = each((path) => path.eventPages);
  const ofOne = routed(events, ({ filter }) => present(filter.customerKey, 'of a customer'));
  const ofProject = ofAll(events, mergedEvents);
  return {
    ...home,
    customers: routed(
      each((path) => path.customers),
      (customerKey) => customerKey,
    ),
    entities: routed(
      each((path) => path.entities),
      keyOf,
    ),
    entityPages: routed(
      each((path) => path.entityPages),
      keyOf,
    ),
    balancesById: routed(
      each((path) => path.balancesById),
      keyOf,
    ),
    standings: routed(
      each((path) => path.standings),
      keyOf,
    ),
    events: routed(
      each((path) => path.events),
      keyOf,
    ),
    ledgerEntries: routed(
      each((path) => path.ledgerEntries),
      keyOf,
    ),
    ledgerPages: routed(
      each((path) => path.ledgerPages),
      keyOf,
    ),
    customerLedgerPages: routed(
      each((path) => path.customerLedgerPages),
      keyOf,
    ),
    reservations: routed(
      each((path) => path.reservations),
      keyOf,
    ),
    reservationPages: routed(
      each((path) => path.reservationPages),
      keyOf,
    ),
    customerPages: ofAll(
      each((path) => path.customerPages),
      (page, pages) => mergedCustomers(page, pages, (one, other) => one.id < other.id),
    ),
    customerSearchPages: ofAll(
      each((path) => path.customerSearchPages),
      (page, pages) => {
        if (page.by === 'NEWEST') return mergedCustomers(page, pages, isNewer);
        const position = (customer: Customer) =>
          present(positionOf(customer, page.by), 'what is found has a place in the order');
        return mergedCustomers(page, pages, (one, other) =>
          isBefore(position(one), position(other)),
        );
      },
    ),
    eventPages: parted(({ filter }) => filter.customerKey !== null, ofOne, ofProject),
  };
}

function isNewer(one: Customer, other: Customer): boolean {
  return one.createdAt === other.createdAt ? one.id > other.id : one.createdAt > other.createdAt;
}

const keyOf = ({ customerKey }: { readonly customerKey: string }) => customerKey;

/** Each is read in the place of its customer, those of one place together. */
function routed<Wanted, Found>(
  methods: readonly ReadMany<Wanted, Found>[],
  customerKeyOf: (wanted: Wanted) => string,
): ReadMany<Wanted, Found> {
  return (projectId, wanted) =>
    inGroups(
      wanted,
      (one) => placeOf(customerKeyOf(one), methods.length),
      (place, ofPlace) => present(methods[place], 'one for each place')(projectId, ofPlace),
    );
}

/** Each is read by one of two methods. */
function parted<Wanted, Found>(
  isOfFirst: (wanted: Wanted) => boolean,
  first: ReadMany<Wanted, Found>,
  second: ReadMany<Wanted, Found>,
): ReadMany<Wanted, Found> {
  return (projectId, wanted) =>
    inGroups(wanted, isOfFirst, (ofFirst, group) => (ofFirst ? first : second)(projectId, group));
}

async function inGroups<Wanted, Group, Found>(
  wanted: readonly Wanted[],
  groupOf: (wanted: Wanted) => Group,
  read: (group: Group, wanted: readonly Wanted[]) => Promise<readonly Answer<Found>[]>,
): Promise<readonly Answer<Found>[]> {
  const groups = new Map<Group, { readonly wanted: Wanted[]; readonly indexes: number[] }>();
  for (const [index, one] of wanted.entries()) {
    const group = groupOf(one);
    const others = groups.get(group) ?? { wanted: [], indexes: [] };
    others.wanted.push(one);
    others.indexes.push(index);
    groups.set(group, others);
  }
  const found = new Map<number, Answer<Found>>();
  await Promise.all(
    [...groups].map(async ([group, { wanted: ofGroup, indexes }]) => {
      const answers = await read(group, ofGroup);
      for (const [n, index] of indexes.entries()) {
        found.set(index, present(answers[n], 'an answer for each'));
      }
    }),
  );
  return wanted.map((_, index) => present(found.get(index), 'an answer for each'));
}

/** Each is read in all places. What each of them gives is enough: as many as are wanted. */
function ofAll<Wanted, Found>(
  methods: readonly ReadMany<Wanted, Found>[],
  merge: (wanted: Wanted, found: readonly Found[]) => Found,
): ReadMany<Wanted, Found> {
  return async (projectId, wanted) => {
    const byPlace = await Promise.all(methods.map((method) => method(projectId, wanted)));
    return wanted.map((one, index) =>
      merging(
        byPlace.map((answers) => present(answers[index], 'an answer for each')),
        (found) => merge(one, found),
      ),
    );
  };
}

function* merging<Found>(
  answers: readonly Answer<Found>[],
  merge: (found: readonly Found[]) => Found,
): Answer<Found> {
  const found: Found[] = [];
  for (const answer of answers) found.push(yield* answer);
  return merge(found);
}

/** Pages from the other end are in the opposite order. */
function mergedCustomers(
  { inverted, limit }: Page,
  pages: readonly (readonly Customer[])[],
  isFirst: (one: Customer, other: Customer) => boolean,
): readonly Customer[] {
  return mergedFirst(
    pages,
    (one, other) => (inverted ? isFirst(other, one) : isFirst(one, other)),
    limit,
  );
}

/** The newest first. Where the search has stopped in one place, nothing is known of that place beyond, so it has stopped in all. */
function mergedEvents({ inverted, limit }: EventPage, pages: readonly EventRows[]): EventRows {
  const isFirst = (one: string, other: string) => (inverted ? one < other : one > other);
  const stops = pages.flatMap(({ stoppedAt }) => (stoppedAt === null ? [] : [stoppedAt]));
  const [stoppedAt = null] = stops.toSorted((one, other) => (isFirst(one, other) ? -1 : 1));
  const known = pages.map(({ events }) =>
    stoppedAt === null ? events : events.filter(({ id }) => !isFirst(stoppedAt, id)),
  );
  const events = mergedFirst(known, (one, other) => isFirst(one.id, other.id), limit);
  return { events, stoppedAt: events.length < limit ? stoppedAt : null };
}
