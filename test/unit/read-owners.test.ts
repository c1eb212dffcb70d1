/** Every kind of read says which customer it is of, so that it waits for the server on which it is answered, and for no other. */
import { expect, it } from 'vitest';
import { placeOf } from '../../src/domain/place.js';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import { customerScope } from '../../src/meter/customer-key.js';
import { listApiKeys, readApiKey } from '../../src/meter/read/api-key.js';
import { readBalance, readFeatureBalances } from '../../src/meter/read/balance.js';
import { listCustomers, readCustomer, searchCustomers } from '../../src/meter/read/customer.js';
import { listEntities, readEntity } from '../../src/meter/read/entity.js';
import { listEvents, readEvent } from '../../src/meter/read/event.js';
import { listFeatures, readFeature, readNamedFeature } from '../../src/meter/read/feature.js';
import {
  listCustomerLedger,
  listLedgerEntries,
  readLedgerEntry,
} from '../../src/meter/read/ledger-entry.js';
import { listProjects, readProject } from '../../src/meter/read/project.js';
import type { ReadPath } from '../../src/meter/read/read-path.js';
import type { ReadQueue } from '../../src/meter/read/read-queue.js';
import { listReservations, readReservation } from '../../src/meter/read/reservation.js';
import type { StandingContext } from '../../src/meter/read/standing.js';
import { readPathOf } from '../../src/store/places/read-paths.js';
import { NO_FILTER } from '../support/meter/no-filter.js';

const PLACES = 4;
const PROJECT = '0192f0c1-0000-7000-8000-000000000000';

type Read = keyof ReadPath;

/** A customer that is not in the first place, which has the catalogue. */
const { customerKey } = ['a', 'b', 'c', 'd', 'e', 'f']
  .map((id) => customerScope(PROJECT, id))
  .find((scope) => placeOf(scope.customerKey, PLACES) > 0) ?? { customerKey: '' };

const page = { limit: 10, after: null, before: null, inverted: false };
const balance = { customerKey, balanceId: 'b' };

const VERBS: readonly ((ctx: StandingContext) => Promise<unknown>)[] = [
  (ctx) => readApiKey(ctx, 'k'),
  (ctx) => listApiKeys(ctx, { ...page, ofProjectId: PROJECT }),
  (ctx) => readProject(ctx, PROJECT),
  (ctx) => listProjects(ctx, page),
  (ctx) => readFeature(ctx, 'f'),
  (ctx) => readNamedFeature(ctx, 'f'),
  (ctx) => listFeatures(ctx, { ...page, includeArchived: false }),
  (ctx) => readCustomer(ctx, customerKey),
  (ctx) => listCustomers(ctx, page),
  (ctx) => searchCustomers(ctx, { ...page, by: 'NAME' }, null),
  (ctx) => readEntity(ctx, { customerKey, id: 'e' }),
  (ctx) => listEntities(ctx, { ...page, customerKey }),
  (ctx) => readReservation(ctx, { customerKey, id: 'r' }),
  (ctx) => listReservations(ctx, { ...page, customerKey }),
  (ctx) => readLedgerEntry(ctx, { ...balance, seq: 1 }),
  (ctx) => listLedgerEntries(ctx, { ...page, ...balance }),
  (ctx) => listCustomerLedger(ctx, { ...page, customerKey, featureId: null }),
  (ctx) => readEvent(ctx, { customerKey, eventId: 'e', withProperties: false }),
  (ctx) => listEvents(ctx, { ...page, filter: NO_FILTER, withProperties: false }),
  (ctx) =>
    listEvents(ctx, { ...page, filter: { ...NO_FILTER, customerKey }, withProperties: false }),
  (ctx) => readBalance(ctx, balance),
  (ctx) => readFeatureBalances(ctx, customerKey, null),
];

/** All that a read path has. */
const READS: Readonly<Record<Read, true>> = {
  customers: true,
  customerPages: true,
  customerSearchPages: true,
  entities: true,
  entityPages: true,
  features: true,
  removedFeatures: true,
  featurePages: true,
  balancesById: true,
  standings: true,
  events: true,
  eventPages: true,
  ledgerEntries: true,
  ledgerPages: true,
  customerLedgerPages: true,
  reservations: true,
  reservationPages: true,
  projects: true,
  projectPages: true,
  apiKeys: true,
  apiKeyPages: true,
};

/** What is read, the places in which the store reads it, and those that its kind says. */
interface Asked {
  readonly reads: Set<string>;
  readonly places: number[];
  readonly said: readonly number[];
}

const EVERY_PLACE = Array.from({ length: PLACES }, (_, place) => place);

function said(key: string | null | undefined): readonly number[] {
  if (key === null) return EVERY_PLACE;
  return [key === undefined ? 0 : placeOf(key, PLACES)];
}

/** The part of a store that is in one place, and finds nothing. */
function placeNoting({ reads, places }: Asked, place: number): ReadPath {
  const noting = (read: string) => async (_projectId: string, wanted: readonly unknown[]) => {
    reads.add(read);
    places.push(place);
    return wanted.map(() => [].values());
  };
  return Object.fromEntries(Object.keys(READS).map((read) => [read, noting(read)])) as never;
}

async function askedBy(verb: (typeof VERBS)[number]): Promise<Asked[]> {
  const asked: Asked[] = [];
  const readQueue: Pick<ReadQueue, 'read'> = {
    async read(kind, projectId, wanted) {
      const one = { reads: new Set<string>(), places: [], said: said(kind.customerKeyOf(wanted)) };
      asked.push(one);
      await kind.load(readPathOf(EVERY_PLACE.map((n) => placeNoting(one, n))), projectId, [wanted]);
      return null as never;
    },
  };
  const context = {
    caller: { projectId: PROJECT, scopes: EVERY_SCOPE },
    readQueue: readQueue as ReadQueue,
    execution: { stopped: null },
    writeQueue: { accounts: { get: () => undefined } } as never,
  };
  // Some verbs expect to find what they have asked for.
  await verb(context).catch(() => undefined);
  return asked;
}

it('a read waits for the server that has what it asks for', async () => {
  const asked = (await Promise.all(VERBS.map(askedBy))).flat();
  for (const { places, said: expected, reads } of asked) {
    expect(places.toSorted(), [...reads].join()).toEqual(expected);
  }
  expect(new Set(asked.flatMap(({ reads }) => [...reads]))).toEqual(new Set(Object.keys(READS)));
});
