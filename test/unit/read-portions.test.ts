/** Rows that contain a client's JSON are read in portions that fit in memory. */

import { expect, it } from 'vitest';
import { EVERY_SCOPE } from '../../src/meter/access/scopes.js';
import { listCustomers, readCustomer } from '../../src/meter/read/customer.js';
import { listEntities, readEntity } from '../../src/meter/read/entity.js';
import { listEvents, readEvent } from '../../src/meter/read/event.js';
import { listFeatures, readFeature } from '../../src/meter/read/feature.js';
import type { Answer, EventAddress, EventPage, Page } from '../../src/meter/read/read-path.js';
import { createReadQueue } from '../../src/meter/read/read-queue.js';
import type { ReadQueueOptions } from '../../src/meter/read/read-queue-options.js';
import type { ReadContext } from '../../src/meter/verb.js';
import { oneStep } from '../../src/platform/steps.js';
import { NO_FILTER } from '../support/meter/no-filter.js';

const PAGE_ROWS = 100;
const KIB = 1024;
const PORTION_BYTES_MAX = 32 * KIB * KIB;

/** A context on a read path that finds nothing, and the maximum number of rows of each statement. */
function createContext(onStatement: () => void = () => undefined) {
  const rows: number[] = [];
  const answered = async <Wanted, Found>(
    wanted: readonly Wanted[],
    found: Found,
    of: (one: Wanted) => number,
  ) => {
    rows.push(wanted.reduce((sum, one) => sum + of(one), 0));
    onStatement();
    return wanted.map((): Answer<Found> => oneStep(() => found));
  };
  const limitOf = ({ limit }: Page) => limit;
  const path = {
    eventPages: (_project: string, wanted: readonly EventPage[]) =>
      answered(wanted, { events: [], stoppedAt: null }, limitOf),
    events: (_project: string, wanted: readonly EventAddress[]) => answered(wanted, null, () => 1),
    customers: (_project: string, wanted: readonly string[]) => answered(wanted, null, () => 1),
    customerPages: (_project: string, wanted: readonly Page[]) => answered(wanted, [], limitOf),
    entities: (_project: string, wanted: readonly object[]) => answered(wanted, null, () => 1),
    entityPages: (_project: string, wanted: readonly Page[]) => answered(wanted, [], limitOf),
    features: (_project: string, wanted: readonly string[]) => answered(wanted, null, () => 1),
    featurePages: (_project: string, wanted: readonly Page[]) => answered(wanted, [], limitOf),
    // Nothing else is read.
  } as unknown as ReadQueueOptions['path'];
  const readQueue = createReadQueue({
    path,
    inFlightMax: 4,
    inFlightPerProjectMax: 2,
    waitingPerProjectMax: 50_000,
    waitMaxMs: 5_000,
    monotonicMs: () => 0,
  });
  const execution: { stopped: Error | null } = { stopped: null };
  const context: ReadContext = {
    caller: { projectId: 'p', scopes: EVERY_SCOPE },
    readQueue,
    execution,
  };
  return { rows, context, execution };
}

const pages = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    limit: PAGE_ROWS,
    after: `after ${n}`,
    before: null,
    inverted: false,
    customerKey: 'c',
    filter: NO_FILTER,
    withProperties: true,
  }));

const names = Array.from({ length: 3_000 }, (_, n) => String(n));

const addresses = Array.from({ length: 3_000 }, (_, n) => ({
  customerKey: 'c',
  eventId: String(n),
  withProperties: true,
  id: String(n),
}));

/** The maximum size of a row: text of the client, and what is stored beside it. */
const EVENT_KIB = 64 + 64;
const NOUN_KIB = 16;
const FEATURE_KIB = 42;

it.each<[string, number, (context: ReadContext) => Promise<unknown>[]]>([
  ['pages of events', EVENT_KIB, (ctx) => pages(250).map((page) => listEvents(ctx, page))],
  ['events', EVENT_KIB, (ctx) => addresses.map((address) => readEvent(ctx, address))],
  ['pages of customers', NOUN_KIB, (ctx) => pages(250).map((page) => listCustomers(ctx, page))],
  ['customers', NOUN_KIB, (ctx) => names.map((name) => readCustomer(ctx, name))],
  ['pages of entities', NOUN_KIB, (ctx) => pages(250).map((page) => listEntities(ctx, page))],
  ['entities', NOUN_KIB, (ctx) => addresses.map((address) => readEntity(ctx, address))],
  [
    'pages of features',
    FEATURE_KIB,
    (ctx) => pages(250).map((page) => listFeatures(ctx, { ...page, includeArchived: true })),
  ],
  ['features', FEATURE_KIB, (ctx) => names.map((name) => readFeature(ctx, name))],
])('%s of %i KiB each are read in portions of 32 MiB', async (_what, kib, readAll) => {
  const { rows, context } = createContext();
  await Promise.all(readAll(context));
  expect(rows.length).toBeGreaterThan(1);
  expect(Math.max(...rows) * kib * KIB).toBeLessThanOrEqual(PORTION_BYTES_MAX);
});

it('no more portions are read once the operation has stopped, as if its result were too large', async () => {
  const { rows, context, execution } = createContext(() => {
    execution.stopped = new Error('too large');
  });
  const results = await Promise.allSettled(pages(250).map((page) => listEvents(context, page)));
  expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  // As many statements as a project may have in progress.
  expect(rows.length).toBeLessThanOrEqual(2);
});
