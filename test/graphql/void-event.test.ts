/** What must hold when usage events are undone, through two gateways on one database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monthly, oneOff } from '../support/cases/case.js';
import type { PlainGrant, PlainTrack } from '../support/cases/plain.js';
import type { Client } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
import { type VoidAnswer, voidEvent } from '../support/client/voids.js';
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

function amountsOf(answer: VoidAnswer): number[] {
  if (!('reversed' in answer)) throw new Error(answer.message);
  return answer.reversed.map(({ amount }) => amount);
}

const MESSAGES = { featureId: 'messages' };

it('two hundred calls at once undo an event once, and get one answer', async () => {
  const id = await customer(oneOff('messages', 100));
  const event = await tracked(id, { ...MESSAGES, value: 30 });
  await tracked(id, { ...MESSAGES, value: 5 });
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => voidEvent(clientOf(index), event)),
  );
  expect(answers.filter((answer) => 'replayed' in answer && !answer.replayed).length).toBe(1);
  const distinct = new Set(
    answers.map((answer) => JSON.stringify({ ...answer, replayed: undefined })),
  );
  expect(distinct.size).toBe(1);
  expect(await operations.look(clientOf(0), id, 'messages', null)).toMatchObject({ usage: 5 });
  expect(await both.sql('SELECT count(*)::int FROM event_voids')).toEqual([{ count: 1 }]);
  expect(await both.audit()).toEqual([]);
});

it('events that are undone while others are recorded leave exactly what counts', async () => {
  const id = await customer(oneOff('messages', 1_000));
  const events: string[] = [];
  for (let index = 0; index < 10; index += 1) {
    events.push(await tracked(id, { ...MESSAGES, value: 7 }));
  }
  await Promise.all([
    ...events.flatMap((event, index) => [
      voidEvent(clientOf(index), event),
      voidEvent(clientOf(index + 1), event),
    ]),
    ...Array.from({ length: 60 }, (_, index) =>
      operations.track(clientOf(index), id, { ...MESSAGES, value: 3 }),
    ),
  ]);
  expect(await operations.look(clientOf(1), id, 'messages', null)).toMatchObject({
    usage: 180,
    remaining: 820,
  });
  expect(await both.audit()).toEqual([]);
});

it('at a reset, an event is undone either before it or not at all', async () => {
  const start = Date.parse('2031-01-01T00:00:00.000Z');
  await both.setClock(start);
  const reset = { interval: 'MINUTE', anchor: new Date(start).toISOString() } as const;
  const ids = await Promise.all(
    Array.from({ length: 30 }, () => customer(monthly('messages', 100, {}, reset))),
  );
  const events = await Promise.all(ids.map((id) => tracked(id, { ...MESSAGES, value: 30 })));
  // The clock reaches the end of the period while they are undone.
  const [, answers] = await Promise.all([
    both.setClock(start + 60_000),
    Promise.all(events.flatMap((event) => both.clients.map((client) => voidEvent(client, event)))),
  ]);
  for (const [index, id] of ids.entries()) {
    const [first, second] = [answers[2 * index], answers[2 * index + 1]];
    if (first === undefined || second === undefined) throw new Error('each has two answers');
    expect(amountsOf(first)).toEqual(amountsOf(second));
    const kinds = await both.sql<{ kind: string }>(
      `SELECT kind::text FROM ledger_entries JOIN customers USING (customer_key)
      WHERE customers.id = $1 AND kind IN ('VOID', 'RESET') ORDER BY seq`,
      [id],
    );
    const isFirst = kinds[0]?.kind === 'VOID';
    expect(amountsOf(first)).toEqual(isFirst ? [30] : []);
    expect(kinds.filter(({ kind }) => kind === 'VOID').length).toBe(isFirst ? 1 : 0);
    const seen = await operations.look(clientOf(index), id, 'messages', null);
    expect(seen).toMatchObject({ usage: 0, remaining: 100 });
  }
  expect(await both.audit()).toEqual([]);
});

describe('the key of a call', () => {
  it('gets the first answer again, and a conflict for other input', async () => {
    const id = await customer(oneOff('messages', 100));
    const event = await tracked(id, { ...MESSAGES, value: 30 });
    const other = await tracked(id, { ...MESSAGES, value: 4 });
    const options = { reason: 'by mistake', actor: 'ann', idempotencyKey: 'undo' };
    const first = await voidEvent(clientOf(0), event, options);
    expect(first).toMatchObject({ replayed: false, reversed: [{ amount: 30 }], notReversed: [] });
    expect(await voidEvent(clientOf(1), event, options)).toEqual({ ...first, replayed: true });
    expect(await voidEvent(clientOf(1), event, { ...options, reason: 'so' })).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      field: 'reason',
    });
    expect(await voidEvent(clientOf(0), other, options)).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      field: 'eventId',
    });
    const call = { ...MESSAGES, value: 1, idempotencyKey: 'undo' };
    expect(await operations.track(clientOf(0), id, call)).toMatchObject({ field: 'operation' });
    expect(await operations.look(clientOf(0), id, 'messages', null)).toMatchObject({ usage: 4 });
  });

  it('can be another one, or none, for an event that has been undone', async () => {
    const id = await customer(oneOff('messages', 100));
    const event = await tracked(id, { ...MESSAGES, value: 30 });
    const first = await voidEvent(clientOf(0), event, { reason: 'by mistake' });
    const again = { ...first, replayed: true };
    expect(await voidEvent(clientOf(1), event, { reason: 'again', idempotencyKey: 'new' })).toEqual(
      again,
    );
    expect(await voidEvent(clientOf(0), event)).toEqual(again);
  });
});

it('an event says when, why and by whom it was undone, and the ledger which event that was', async () => {
  const id = await customer(oneOff('messages', 100));
  const event = await tracked(id, { ...MESSAGES, value: 30 });
  await voidEvent(clientOf(0), event, { reason: 'sent twice', actor: 'ann' });
  const query = `query ($customerId: String!) {
    customer(customerId: $customerId) {
      events(first: 1) { edges { node { id value voidedAt voidReason voidActor } } }
      balance(featureId: "messages") { breakdown { ledger(first: 1) {
        edges { node { kind amount usedAfter reason actor event { id } } } } } }
    }
  }`;
  for (const client of both.clients) {
    const { customer: seen } = await client.run<{ customer: object }>(query, { customerId: id });
    expect(seen).toMatchObject({
      events: {
        edges: [
          {
            node: {
              id: event,
              value: 30,
              voidedAt: expect.stringContaining('T'),
              voidReason: 'sent twice',
              voidActor: 'ann',
            },
          },
        ],
      },
      balance: {
        breakdown: [
          {
            ledger: {
              edges: [
                {
                  node: {
                    kind: 'VOID',
                    amount: 30,
                    usedAfter: 0,
                    reason: 'sent twice',
                    actor: 'ann',
                    event: { id: event },
                  },
                },
              ],
            },
          },
        ],
      },
    });
  }
});
