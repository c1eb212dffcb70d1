/** The properties of events are read only for operations that ask for them, in whatever way they do. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway/gateway.js';
import { setUp } from '../support/gateway/set-up.js';

let gateway: TestGateway;
let eventId: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  await setUp(gateway, {
    features: [{ featureId: 'messages' }],
    customers: [{ customerId: 'ann', entities: ['seat'] }],
    balances: [{ customerId: 'ann', featureId: 'messages', granted: 50 }],
  });
  const { data } = await gateway.execute(`mutation {
    trackBalance(input: { customerId: "ann", entityId: "seat", featureId: "messages", properties: { model: "m1" } }) {
      ... on TrackBalancePayload { event { id } } } }`);
  eventId = data.trackBalance.event.id;
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => gateway.close());

const FRAGMENTS = `fragment Page on UsageEventConnection { edges { ...Edge } }
  fragment Edge on UsageEventEdge { node { ...Named } }
  fragment Named on UsageEvent { ... @include(if: true) { sent: properties } }`;

const LEDGER = (event: string) =>
  `{ customer(customerId: "ann") { balances { breakdown { ledger(first: 1) { edges { node { event ${event} } } } } } } }`;

it.each([
  ['a field', '{ events { edges { node { properties } } } }'],
  ['an alias', '{ list: events { edges { node { value: properties } } } }'],
  ['fragments within fragments', `{ events { ...Page } } ${FRAGMENTS}`],
  [
    'a second selection of the same field',
    '{ events { edges { node { id } } } events { edges { node { properties } } } }',
  ],
  [
    'a variable',
    'query ($yes: Boolean = true) { events { edges { node { properties @include(if: $yes) } } } }',
  ],
  [
    'the events of a customer',
    '{ customer(customerId: "ann") { events { edges { node { properties } } } } }',
  ],
  [
    'the events of an entity',
    '{ customer(customerId: "ann") { entity(entityId: "seat") { events { edges { node { properties } } } } } }',
  ],
  ['the event of a ledger entry', LEDGER('{ properties }')],
  [
    'a fragment on the event of a ledger entry',
    `${LEDGER('{ ...Named }')} ${'fragment Named on UsageEvent { properties }'}`,
  ],
])('are found by %s', async (_what, query) => {
  const { data, errors } = await gateway.execute(query);
  expect(errors).toEqual([]);
  expect(JSON.stringify(data)).toContain('{"model":"m1"}');
});

it('are found by an id', async () => {
  const query = 'query ($id: ID!) { node(id: $id) { ... on UsageEvent { properties } } }';
  const { data } = await gateway.execute(query, { id: eventId });
  expect(data).toEqual({ node: { properties: { model: 'm1' } } });
});

it('are found by an operation that also has the same event without them', async () => {
  const { data, errors } = await gateway.execute(
    `{ short: events { edges { node { id } } } events { edges { node { properties } } }
      customer(customerId: "ann") { balances { breakdown { ledger(first: 1) { edges { node { event { id } } } } } } } }`,
  );
  expect(errors).toEqual([]);
  expect(data.short.edges).toEqual([{ node: { id: eventId } }]);
  expect(data.events.edges).toEqual([{ node: { properties: { model: 'm1' } } }]);
});

it.each([
  ['events', '{ events { edges { node { id value } } } }'],
  ['ledger entries', LEDGER('{ id value }')],
])('are not read for %s without them', async (_what, operation) => {
  const query = vi.spyOn(pg.Pool.prototype, 'query');
  const { errors } = await gateway.execute(operation);
  expect(errors).toEqual([]);
  const found = await Promise.all(query.mock.results.map(({ value }) => value));
  const rows = JSON.stringify(found.map((result) => result.rows));
  expect(rows).toContain('messages');
  expect(rows).not.toContain('m1');
});
