/** What is answered if the database or the gateway cannot take every item of a batch of calls about reservations. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import { CallError, type Client, createClient } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import {
  batchOf,
  type ReservationAnswer,
  type ReservationVerb,
  settleAll,
} from '../support/client/reservations.js';
import { createDatabase, type TestDatabase } from '../support/database/database.js';
import {
  HOLD_CUSTOMER,
  type OtherSessions,
  openOtherSessions,
} from '../support/database/other-sessions.js';
import { damagesOf } from '../support/database/project.js';
import { type LocalGateway, startLocalGateway } from '../support/gateway/local-gateway.js';
import type { GatewayLimits } from '../support/gateway/open-gateway.js';

let database: TestDatabase;
let otherSessions: OtherSessions;
let gateway: LocalGateway;
let client: Client;

beforeEach(async () => {
  database = await createDatabase();
  otherSessions = openOtherSessions(database.url);
});

afterEach(async () => {
  await otherSessions.close();
  await gateway.close();
  expect(await damagesOf({ connectionString: database.url })).toEqual([]);
  await database.drop();
});

const IDS = ['ada', 'ben', 'cleo'];

/** A gateway that has cached the customers. */
async function start(options: Partial<GatewayLimits>): Promise<void> {
  gateway = await startLocalGateway({ connectionString: database.url }, options);
  client = createClient(gateway.origin, gateway.secret);
  await operations.createFeature(client, { id: 'messages', type: 'CONSUMABLE' });
  for (const customerId of IDS) {
    await operations.createCustomer(client, customerId);
    await operations.grant(client, customerId, oneOff('messages', 10_000));
    await operations.track(client, customerId, { featureId: 'messages', value: 0 });
  }
}

type Item = Readonly<Record<string, unknown>> & { readonly customerId: string };

/** This many reservations of the customers in turn. */
function reservations(count: number): Item[] {
  return Array.from({ length: count }, (_, n) => ({
    customerId: IDS[n % IDS.length] ?? '',
    reservationId: `r${n}`,
  }));
}

const reserving = (item: Item): Item => ({ ...item, featureId: 'messages', value: 10 });
const keyed = (item: Item): Item => ({ ...item, idempotencyKey: `of ${item['reservationId']}` });

/** The code of each item, in order: ACCEPTED, that of its refusal, or that of the error in its place. */
async function codesOf(verb: ReservationVerb, inputs: readonly Item[]): Promise<string[]> {
  const answered = ({ code = 'ACCEPTED' }: ReservationAnswer) => code;
  try {
    return (await settleAll(client, verb, inputs)).map(answered);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const { data, errors = [] } = error.body;
    const results = resultsIn(data);
    // Not an answer to the items.
    if (results?.length !== inputs.length) throw error;
    const failed = new Map(errors.map(({ path, extensions }) => [path?.[1], extensions?.code]));
    return results.map((result, n) => (result === null ? String(failed.get(n)) : answered(result)));
  }
}

/** GraphQL returns what the document requests. */
function resultsIn(data: unknown): (ReservationAnswer | null)[] | undefined {
  return (data as { results?: (ReservationAnswer | null)[] } | null | undefined)?.results;
}

const heldIn = () => otherSessions.count('SELECT count(*)::int FROM reservations');
const HOLD_RESERVATIONS = 'LOCK TABLE reservations IN ACCESS EXCLUSIVE MODE';

const accepted = (items: readonly unknown[]) => items.map(() => 'ACCEPTED');

it.each<[ReservationVerb, (item: Item) => Item]>([
  ['reserveBalance', reserving],
  ['captureReservation', (item) => ({ ...keyed(item), value: 4 })],
  ['extendReservation', (item) => ({ ...keyed(item), expiresInSeconds: 3_600 })],
  ['releaseReservation', keyed],
])(
  'a lost connection leaves the outcome of items of %s unknown, and a retry finds it out',
  async (verb, inputOf) => {
    await start({});
    const items = reservations(60);
    if (verb !== 'reserveBalance') {
      const reserved = await codesOf('reserveBalance', items.map(reserving));
      expect(reserved).toEqual(accepted(items));
    }
    const inputs = items.map(inputOf);
    const release = await otherSessions.hold(HOLD_RESERVATIONS);
    const answered = codesOf(verb, inputs);
    await otherSessions.untilOneWaits();
    await otherSessions.endSessions();
    // Some may have been sent after the sessions were ended.
    await release();
    const codes = new Set(await answered);
    expect(codes).toContain('OUTCOME_UNKNOWN');
    for (const code of codes) {
      expect(['OUTCOME_UNKNOWN', 'DATABASE_UNAVAILABLE', 'ACCEPTED']).toContain(code);
    }
    expect(await codesOf(verb, inputs)).toEqual(accepted(items));
    const again = await settleAll(client, verb, inputs);
    expect(again.every(({ replayed }) => replayed)).toBe(true);
    expect(await heldIn()).toBe(items.length);
  },
);

it('an item that the database refuses is null with an error, and the others are captured', async () => {
  await start({});
  const items = reservations(30);
  expect(await codesOf('reserveBalance', items.map(reserving))).toEqual(accepted(items));
  await otherSessions.count('ALTER TABLE events ADD CONSTRAINT lucky CHECK (value <> 13)');
  const inputs = items.map((item, n) => ({ ...item, value: n === 10 || n === 21 ? 13 : 1 }));
  expect(await codesOf('captureReservation', inputs)).toEqual(
    inputs.map(({ value }) => (value === 13 ? 'INTERNAL_SERVER_ERROR' : 'ACCEPTED')),
  );
  expect(await otherSessions.count('SELECT sum(used)::int AS count FROM balances')).toBe(28);
  // Two are still held.
  const left = inputs.filter(({ value }) => value === 13).map((item) => ({ ...item, value: 2 }));
  expect(await codesOf('captureReservation', left)).toEqual(accepted(left));
});

it('only the items of a customer locked by another session fail', async () => {
  await start({ acquireTimeoutMs: 3_000 });
  const release = await otherSessions.hold(HOLD_CUSTOMER, ['ben']);
  const inputs = reservations(30).map(reserving);
  expect(await codesOf('reserveBalance', inputs)).toEqual(
    inputs.map(({ customerId }) => (customerId === 'ben' ? 'CUSTOMER_LOCKED' : 'ACCEPTED')),
  );
  await release();
  expect(await codesOf('reserveBalance', inputs)).toEqual(accepted(inputs));
  expect(await heldIn()).toBe(30);
});

it('a full queue refuses only the items that it has no room for', async () => {
  // One project can fill nine tenths of the queue.
  await start({ lanes: 2, queueItemsMax: 120 });
  const inputs = reservations(300).map(reserving);
  const codes = await codesOf('reserveBalance', inputs);
  expect(codes).toEqual(inputs.map((_, n) => (n < 108 ? 'ACCEPTED' : 'OVERLOADED')));
  expect(await heldIn()).toBe(108);
  const rest = inputs.slice(100, 200);
  expect(await codesOf('reserveBalance', rest)).toEqual(accepted(rest));
});

it('if no item could be accepted, the whole request is a 503', async () => {
  await start({ lanes: 1, queueItemsMax: 5 });
  const release = await otherSessions.hold(HOLD_RESERVATIONS);
  const first = codesOf('reserveBalance', reservations(5).map(reserving));
  await otherSessions.untilOneWaits();
  const variables = { inputs: reservations(3).map(keyed) };
  await expect(client.run(batchOf('releaseReservation'), variables)).rejects.toMatchObject({
    status: 503,
    codes: ['OVERLOADED'],
    retryable: true,
  });
  await release();
  expect(await first).toEqual(accepted(reservations(5)));
});
