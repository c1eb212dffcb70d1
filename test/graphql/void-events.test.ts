/** What must hold when many usage events are undone, through two gateways on one database. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import type { PlainGrant, PlainTrack } from '../support/cases/plain.js';
import { amendEvent } from '../support/client/amendments.js';
import type { Client } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { blocksOf } from '../support/client/page-examples.js';
import { type VoidedPage, voidAllOver, voidEvents } from '../support/client/void-events.js';
import { voidEvent } from '../support/client/voids.js';
import { startTwoGateways, type TwoGateways } from '../support/gateway/two-gateways.js';

let both: TwoGateways;

beforeAll(async () => {
  both = await startTwoGateways();
});

afterAll(() => both.close());

let customers = 0;

async function customer(...grants: PlainGrant[]): Promise<string> {
  customers += 1;
  const id = `customer${customers}`;
  await operations.createCustomer(both.clients[0], id);
  for (const grant of grants) await operations.grant(both.clients[0], id, grant);
  return id;
}

function clientOf(index: number): Client {
  return both.clients[index % 2 === 0 ? 0 : 1];
}

/** The id of a new event. */
async function tracked(customerId: string, call: PlainTrack): Promise<string> {
  const answer = await operations.track(clientOf(customers), customerId, call);
  if (!operations.wasTracked(answer)) throw new Error(answer.message);
  return answer.event.id;
}

function total(pages: readonly VoidedPage[], part: 'reversed' | 'reversedBefore'): number {
  const features = pages.flatMap(({ features }) => features);
  return features.reduce((sum, feature) => sum + feature[part], 0);
}

const count = (pages: readonly VoidedPage[], part: 'voided' | 'alreadyVoided') =>
  pages.reduce((sum, page) => sum + page[part], 0);

const usageOf = async (id: string) =>
  (await operations.look(clientOf(0), id, 'messages', null))?.usage;

const MESSAGES = { featureId: 'messages' };

it('both gateways undo the same events at once, each event once', async () => {
  const ids = await Promise.all([1, 2, 3].map(() => customer(oneOff('messages', 1_000))));
  for (const id of ids) {
    await Promise.all(
      Array.from({ length: 20 }, () => tracked(id, { ...MESSAGES, value: 3, timestamp: TIME })),
    );
  }
  const options = { filter: { ...MESSAGES, occurredBefore: AFTER_TIME }, first: 7 };
  const runs = await Promise.all(
    Array.from({ length: 6 }, (_, run) => voidAllOver((page) => clientOf(run + page), options)),
  );
  expect(count(runs.flat(), 'voided')).toBe(60);
  expect(total(runs.flat(), 'reversed')).toBe(180);
  for (const pages of runs) {
    // Each of them has seen every event, as undone by itself or by another.
    expect(count(pages, 'voided') + count(pages, 'alreadyVoided')).toBe(60);
    expect(total(pages, 'reversed') + total(pages, 'reversedBefore')).toBe(180);
  }
  for (const id of ids) expect(await usageOf(id)).toBe(0);
  expect(await both.audit()).toEqual([]);
});

/** Before the events of all other tests. */
const TIME = '2020-01-01T00:00:00.000Z';
const AFTER_TIME = '2020-01-02T00:00:00.000Z';

it('an event that is amended meanwhile counts once: undone, or replaced by one that is undone or not', async () => {
  const id = await customer(oneOff('messages', 10_000));
  const events: string[] = [];
  for (let index = 0; index < 30; index += 1) {
    events.push(await tracked(id, { ...MESSAGES, value: 10 }));
  }
  const [runs, amended] = await Promise.all([
    Promise.all(
      [0, 1, 2, 3].map((run) =>
        voidAllOver((page) => clientOf(run + page), { filter: { customerId: id }, first: 6 }),
      ),
    ),
    Promise.all(
      events.map((event, index) => amendEvent(clientOf(index), event, { value: 100 + index })),
    ),
    Promise.all(events.slice(0, 10).map((event, index) => voidEvent(clientOf(index), event))),
    Promise.all(Array.from({ length: 10 }, () => tracked(id, { featureId: 'messages', value: 1 }))),
  ]);
  const kept = amended.filter((answer) => !('code' in answer)).length;
  expect(amended.filter((answer) => 'code' in answer)).toEqual(
    Array.from({ length: events.length - kept }, () =>
      expect.objectContaining({ code: 'EVENT_VOIDED' }),
    ),
  );
  expect(runs.flat().flatMap(({ notVoided }) => notVoided)).toEqual([]);
  const [counting] = await both.sql<{ sum: number }>(
    `SELECT coalesce(sum(value), 0)::float8 AS sum FROM events e JOIN customers USING (customer_key)
    WHERE customers.id = $1 AND NOT EXISTS (SELECT FROM event_voids v
      WHERE v.customer_key = e.customer_key AND v.event_id = e.id)`,
    [id],
  );
  expect(await usageOf(id)).toBe(counting?.sum);
  // What is left is undone by one more run, which then has nothing to do.
  const last = await voidAllOver(clientOf, { filter: { customerId: id } });
  expect(total(last, 'reversed')).toBe(counting?.sum);
  expect(count(await voidAllOver(clientOf, { filter: { customerId: id } }), 'voided')).toBe(0);
  expect(await usageOf(id)).toBe(0);
  expect(await both.audit()).toEqual([]);
});

it('a dry run writes nothing at all', async () => {
  const id = await customer(oneOff('messages', 100));
  for (const value of [5, 6]) await tracked(id, { ...MESSAGES, value });
  const state = () =>
    both.sql(
      `SELECT version::text, (SELECT count(*) FROM event_voids)::int, (SELECT count(*) FROM ledger_entries)::int,
      (SELECT count(*) FROM idempotency_keys)::int FROM customers WHERE id = $1`,
      [id],
    );
  const before = await state();
  const options = { filter: { customerId: id }, reason: 'why', actor: 'ann' };
  const planned = await voidEvents(clientOf(0), { ...options, dryRun: true });
  expect(await state()).toEqual(before);
  expect(await voidEvents(clientOf(1), options)).toEqual({ ...planned, dryRun: false });
});

it('every event keeps the reason and the actor, and the ledger names them', async () => {
  const id = await customer(oneOff('messages', 100));
  await tracked(id, { ...MESSAGES, value: 5 });
  await tracked(id, { ...MESSAGES, value: 6 });
  await voidEvents(clientOf(0), { filter: { customerId: id }, reason: 'outage', actor: 'ann' });
  await voidEvents(clientOf(1), { filter: { customerId: id }, reason: 'again', actor: 'ben' });
  const words = await both.sql(
    `SELECT v.reason, v.actor, l.kind::text, l.amount::float8, l.reason AS "ledgerReason", l.actor AS "ledgerActor"
    FROM event_voids v JOIN customers c USING (customer_key)
    JOIN ledger_entries l ON l.customer_key = v.customer_key AND l.event_id = v.event_id AND l.kind = 'VOID'
    WHERE c.id = $1 ORDER BY l.seq`,
    [id],
  );
  const said = { reason: 'outage', actor: 'ann' };
  const inLedger = { kind: 'VOID', ledgerReason: 'outage', ledgerActor: 'ann' };
  // The newest first.
  expect(words).toEqual([6, 5].map((amount) => ({ ...said, ...inLedger, amount })));
});

it('what gave back too much to be taken again is named, and the others are undone', async () => {
  const id = await customer(oneOff('messages', 100));
  await tracked(id, { ...MESSAGES, value: 10 });
  await tracked(id, { ...MESSAGES, value: -1 });
  // One that no client can send.
  const [made] = await both.sql<{ id: string }>(
    `INSERT INTO events (customer_key, id, project_id, feature_id, value, occurred_at, recorded_at, outcome)
    SELECT customer_key, (left(e.id::text, 24) || 'ffffffffffff')::uuid, e.project_id, feature_id, value, occurred_at,
      recorded_at, replace(outcome::text, '"-1"', '"-9999999999999999999999999999"')::json
    FROM events e JOIN customers c USING (customer_key) WHERE c.id = $1 AND value < 0
    RETURNING encode(convert_to('UsageEvent:' || customer_key || ':' || id, 'UTF8'), 'base64') AS id`,
    [id],
  );
  const page = await voidEvents(clientOf(0), { filter: { customerId: id } });
  expect(page).toMatchObject({ voided: 2, alreadyVoided: 0, hasMore: false });
  expect(page.notVoided).toEqual([
    {
      eventId: made?.id.replaceAll('\n', ''),
      code: 'INVALID_INPUT',
      message: expect.stringContaining('Give some of it back with a negative value first.'),
    },
  ]);
  expect(await usageOf(id)).toBe(0);
});

it('events of a deleted customer are named, and stay as they are', async () => {
  const feature = { eventName: 'action-event' };
  const [kept, deleted] = [
    await customer(oneOff('action1', 10)),
    await customer(oneOff('action1', 10)),
  ];
  await tracked(kept, { ...feature, value: 2 });
  const event = await tracked(deleted, { ...feature, value: 3 });
  await clientOf(0).run(
    `mutation { deleteCustomer(input: { customerId: "${deleted}" }) { __typename } }`,
    {},
  );
  for (const dryRun of [true, false]) {
    const page = await voidEvents(clientOf(0), { filter: feature, dryRun });
    expect(page).toMatchObject({ voided: 1, alreadyVoided: 0 });
    expect(page.notVoided).toMatchObject([{ eventId: event, code: 'EVENT_NOT_FOUND' }]);
    expect(total([page], 'reversed')).toBe(2);
  }
});

it('the example of the documentation undoes what it says', async () => {
  const blocks = await blocksOf('tracking.md');
  const example = blocks.find(({ text }) => text.includes('voidEvents('))?.text ?? '';
  const id = await customer(oneOff('action1', 10));
  const feature = { eventName: 'request.served', featureId: 'requests' };
  await operations.createFeature(clientOf(0), {
    id: feature.featureId,
    type: 'CONSUMABLE',
    eventNames: [feature.eventName],
  });
  await operations.grant(clientOf(0), id, oneOff(feature.featureId, 100));
  const at = (timestamp: string, value: number) =>
    tracked(id, { eventName: feature.eventName, timestamp, value });
  await at('2026-11-27T07:59:59.999Z', 1);
  await at('2026-11-27T08:00:00.000Z', 2);
  await at('2026-11-27T08:59:59.999Z', 4);
  const sums = { featureId: feature.featureId };
  const undone = {
    voided: 2,
    alreadyVoided: 0,
    notVoided: [],
    features: [{ feature: sums, reversed: 6, reversedBefore: 0 }],
    notReversed: [],
    hasMore: false,
    endCursor: null,
  };
  const run = (text: string) => clientOf(1).run<{ voidEvents: object }>(text, {});
  expect(await run(example)).toEqual({ voidEvents: undone });
  expect(await run(example.replace('dryRun: true', 'dryRun: false'))).toEqual({
    voidEvents: undone,
  });
  const seen = await operations.look(clientOf(0), id, feature.featureId, null);
  expect(seen).toMatchObject({ usage: 1 });
});
