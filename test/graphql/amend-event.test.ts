/** What must hold when usage events are amended, through two gateways on one database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneOff } from '../support/cases/case.js';
import type { PlainGrant, PlainTrack } from '../support/cases/plain.js';
import { type AmendAnswer, type AmendDone, amendEvent } from '../support/client/amendments.js';
import type { Client } from '../support/client/client.js';
import * as operations from '../support/client/operations.js';
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

function doneOf(answer: AmendAnswer): AmendDone {
  if ('code' in answer) throw new Error(answer.message);
  return answer;
}

const MESSAGES = { featureId: 'messages' };

describe('of two hundred calls at once,', () => {
  it('one amends the event if they have their own keys or none, and the others name the one in its place', async () => {
    const id = await customer(oneOff('messages', 100));
    const event = await tracked(id, { ...MESSAGES, value: 30 });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        amendEvent(clientOf(index), event, {
          value: 1 + (index % 7),
          ...(index % 3 === 0 && { idempotencyKey: `key ${index}` }),
        }),
      ),
    );
    const done = answers.filter((answer) => !('code' in answer)).map(doneOf);
    expect(done.length).toBe(1);
    const [first] = done;
    const refused = answers.filter((answer) => 'code' in answer);
    expect(new Set(refused.map(({ code, amendedById }) => `${code} ${amendedById}`))).toEqual(
      new Set([`EVENT_VOIDED ${first?.event.id}`]),
    );
    const usage = first?.event.value;
    expect(await operations.look(clientOf(0), id, 'messages', null)).toMatchObject({ usage });
    expect(await both.audit()).toEqual([]);
  });

  it('one amends the event if they have one key, and all get its answer', async () => {
    const id = await customer(oneOff('messages', 100));
    const event = await tracked(id, { ...MESSAGES, value: 30 });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        amendEvent(clientOf(index), event, { value: 12, idempotencyKey: 'amend' }),
      ),
    );
    expect(answers.map(doneOf).filter(({ replayed }) => !replayed).length).toBe(1);
    const texts = answers.map((answer) => JSON.stringify({ ...answer, replayed: undefined }));
    expect(new Set(texts).size).toBe(1);
    expect(await operations.look(clientOf(1), id, 'messages', null)).toMatchObject({ usage: 12 });
    expect(await both.audit()).toEqual([]);
  });

  it('each either undoes or amends, and one of them does', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => customer(oneOff('messages', 100))),
    );
    const events = await Promise.all(ids.map((id) => tracked(id, { ...MESSAGES, value: 30 })));
    await Promise.all(
      events.flatMap((event, index) => [
        voidEvent(clientOf(index), event),
        amendEvent(clientOf(index + 1), event, { value: 20 }),
      ]),
    );
    for (const id of ids) {
      const listed = await operations.events(clientOf(0), id);
      const usage = listed.length === 1 ? 0 : 20;
      expect(listed.filter(({ voidedAt }) => voidedAt === null).length).toBe(listed.length - 1);
      expect(await operations.look(clientOf(1), id, 'messages', null)).toMatchObject({ usage });
    }
    expect(await both.audit()).toEqual([]);
  });
});

it('events that are amended while others are recorded leave exactly what counts', async () => {
  const id = await customer(oneOff('messages', 1_000));
  const events: string[] = [];
  for (let index = 0; index < 10; index += 1) {
    events.push(await tracked(id, { ...MESSAGES, value: 7 }));
  }
  await Promise.all([
    ...events.map((event, index) => amendEvent(clientOf(index), event, { value: 5 })),
    ...Array.from({ length: 60 }, (_, index) =>
      operations.track(clientOf(index), id, { ...MESSAGES, value: 3 }),
    ),
  ]);
  const usage = 230;
  expect(await operations.look(clientOf(1), id, 'messages', null)).toMatchObject({ usage });
  expect(await both.audit()).toEqual([]);
});

it('both events name each other, and keep what was sent with them', async () => {
  const id = await customer(oneOff('messages', 100));
  const event = await tracked(id, {
    ...MESSAGES,
    value: 30,
    properties: { model: 'a' },
    timestamp: '2026-01-02T03:04:05.678Z',
  });
  const note = { reason: 'counted wrongly', actor: 'ann' };
  const first = doneOf(await amendEvent(clientOf(0), event, { value: 20, ...note }));
  expect(first.event).toMatchObject({
    value: 20,
    properties: { model: 'a' },
    occurredAt: '2026-01-02T03:04:05.678Z',
    amends: { id: event },
  });
  expect(first.amended).toMatchObject({
    id: event,
    value: 30,
    voidReason: 'counted wrongly',
    voidActor: 'ann',
    amendedBy: { id: first.event.id },
  });
  const properties = { model: 'b' };
  const occurredAt = '2026-01-03T00:00:00.000Z';
  const change = { properties, timestamp: occurredAt };
  const second = doneOf(await amendEvent(clientOf(1), first.event.id, change));
  const amends = { id: first.event.id };
  expect(second.event).toMatchObject({ value: 20, properties, occurredAt, amends });
  const chain = `query ($id: ID!) { node(id: $id) { ... on UsageEvent {
    properties amends { properties value amends { value amends { id } } } amendedBy { id }
  } } }`;
  for (const client of both.clients) {
    const { node } = await client.run<{ node: object }>(chain, { id: second.event.id });
    expect(node).toEqual({
      properties: { model: 'b' },
      amends: { properties: { model: 'a' }, value: 20, amends: { value: 30, amends: null } },
      amendedBy: null,
    });
  }
});

/** The customer's ledger, newest first, and whether ten more can be used. */
const LEDGER = `query ($customerId: String!) { customer(customerId: $customerId) {
  ledger(first: 3, featureId: "messages") {
    edges { node { kind amount usedBefore usedAfter reason actor event { id } } }
  }
  check(featureId: "messages", requiredBalance: 10) {
    ... on CheckBalancePayload { allowed balance { remaining } }
  }
} }`;

describe('the ledger of the customer, and a check, at once on any gateway,', () => {
  it('show that an event was undone', async () => {
    const id = await customer(oneOff('messages', 30));
    const event = await tracked(id, { ...MESSAGES, value: 25 });
    const refused = { check: { allowed: false } };
    for (const client of both.clients) {
      expect((await seen(client, id)).customer).toMatchObject(refused);
    }
    await voidEvent(clientOf(0), event, { reason: 'sent twice', actor: 'ann' });
    for (const client of both.clients) {
      const { ledger, check } = (await seen(client, id)).customer;
      expect(ledger.edges.map(({ node }) => node).slice(0, 2)).toEqual([
        {
          ...{ kind: 'VOID', amount: 25, usedBefore: 25, usedAfter: 0 },
          ...{ reason: 'sent twice', actor: 'ann', event: { id: event } },
        },
        {
          ...{ kind: 'TRACK', amount: -25, usedBefore: 0, usedAfter: 25 },
          ...{ reason: null, actor: null, event: { id: event } },
        },
      ]);
      expect(check).toEqual({ allowed: true, balance: { remaining: 30 } });
    }
  });

  it('show that another one took its place', async () => {
    const id = await customer(oneOff('messages', 30));
    const event = await tracked(id, { ...MESSAGES, value: 25 });
    const call = { value: 20, reason: 'too much', actor: 'ann' };
    const { event: next } = doneOf(await amendEvent(clientOf(1), event, call));
    for (const client of both.clients) {
      const { ledger, check } = (await seen(client, id)).customer;
      expect(ledger.edges.map(({ node }) => node).slice(0, 2)).toEqual([
        {
          ...{ kind: 'TRACK', amount: -20, usedBefore: 0, usedAfter: 20 },
          ...{ reason: null, actor: null, event: { id: next.id } },
        },
        {
          ...{ kind: 'VOID', amount: 25, usedBefore: 25, usedAfter: 0 },
          ...{ reason: 'too much', actor: 'ann', event: { id: event } },
        },
      ]);
      expect(check).toEqual({ allowed: true, balance: { remaining: 10 } });
    }
  });
});

interface Seen {
  readonly customer: {
    readonly ledger: { readonly edges: readonly { readonly node: object }[] };
    readonly check: object;
  };
}

function seen(client: Client, customerId: string): Promise<Seen> {
  return client.run<Seen>(LEDGER, { customerId });
}
