/** Rows that hold a client's JSON are read in portions that fit in memory. */
import { expect, it } from 'vitest';
import { listCustomers } from '../../src/meter/read/customer.js';
import { listEvents, readEvent } from '../../src/meter/read/event.js';
import type { Answer, EventAddress, EventPage, Page } from '../../src/meter/read/read-path.js';
import { createReadQueue, type ReadQueueOptions } from '../../src/meter/read/read-queue.js';
import type { ReadContext } from '../../src/meter/verb.js';

const PAGE_ROWS = 100;
const KIB = 1024;
const PORTION_BYTES_MAX = 32 * KIB * KIB;

const FILTER = {
  customerKey: null,
  entityId: null,
  featureId: null,
  eventName: null,
  occurredFrom: null,
  occurredBefore: null,
};

/** A context on a read path that finds nothing, and the rows that each statement was to give at most. */
function createContext(onStatement: () => void = () => undefined) {
  const rows: number[] = [];
  const answered = async <Wanted, Found>(
    wanted: readonly Wanted[],
    found: Found,
    of: (one: Wanted) => number,
  ) => {
    rows.push(wanted.reduce((sum, one) => sum + of(one), 0));
    onStatement();
    return wanted.map((): Answer<Found> => () => found);
  };
  const limitOf = ({ limit }: Page) => limit;
  const path = {
    eventPages: (_project: string, wanted: readonly EventPage[]) =>
      answered(wanted, { events: [], stoppedAt: null }, limitOf),
    events: (_project: string, wanted: readonly EventAddress[]) => answered(wanted, null, () => 1),
    customerPages: (_project: string, wanted: readonly Page[]) => answered(wanted, [], limitOf),
    // Nothing else is asked for.
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
  const context: ReadContext = { caller: { projectId: 'p' }, readQueue, execution };
  return { rows, context, execution };
}

const pages = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    limit: PAGE_ROWS,
    after: `after ${n}`,
    before: null,
    inverted: false,
    filter: FILTER,
  }));

const addresses = Array.from({ length: 3_000 }, (_, n) => ({
  customerKey: 'c',
  eventId: String(n),
}));

it.each<[string, number, (context: ReadContext) => Promise<unknown>[]]>([
  ['pages of events', 64, (context) => pages(250).map((page) => listEvents(context, page))],
  ['events', 64, (context) => addresses.map((address) => readEvent(context, address))],
  ['pages of customers', 16, (context) => pages(250).map((page) => listCustomers(context, page))],
])('%s of %i KiB each come in portions of 32 MiB', async (_what, kib, readAll) => {
  const { rows, context } = createContext();
  await Promise.all(readAll(context));
  expect(rows.length).toBeGreaterThan(1);
  expect(Math.max(...rows) * kib * KIB).toBeLessThanOrEqual(PORTION_BYTES_MAX);
});

it('are not read any more once the operation is stopped, as it is where its result is too large', async () => {
  const { rows, context, execution } = createContext(() => {
    execution.stopped = new Error('too large');
  });
  const results = await Promise.allSettled(pages(250).map((page) => listEvents(context, page)));
  expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  // As many as a project may have under way.
  expect(rows.length).toBeLessThanOrEqual(2);
});
