/** Usage events whose idempotency keys are to be compared, of customers of their own. */
import type { TestGateway } from '../gateway/gateway.js';
import { setUp } from '../gateway/set-up.js';

const TRACKED = `__typename
  ... on TrackBalancePayload { value replayed event { idempotencyKey } }
  ... on InsufficientBalanceError { replayed }
  ... on IdempotencyConflictError { idempotencyKey field }
  ... on Error { code message }`;

export const TRACK = `mutation ($input: BalancesTrackInput!) {
  trackBalance(input: $input) { ${TRACKED} }
}`;

export const TRACK_MANY = `mutation ($inputs: [BalancesTrackInput!]!) {
  trackBalances(inputs: $inputs) { ${TRACKED} }
}`;

export const RESERVE_MANY = `mutation ($inputs: [BalancesReserveInput!]!) {
  reserveBalances(inputs: $inputs) {
    ... on ReserveBalancePayload { replayed reservation { reservationId } }
  }
}`;

/** Two of them, unless `$both` is false. */
export const TWO = `mutation ($a: BalancesTrackInput!, $b: BalancesTrackInput!, $both: Boolean = true) {
  __typename
  first: trackBalance(input: $a) { ${TRACKED} }
  ...Rest @include(if: $both)
}
fragment Rest on Mutation { ... { second: trackBalance(input: $b) { ${TRACKED} } } }`;

export const CREATE = `mutation ($input: BalancesCreateInput!) {
  createBalance(input: $input) {
    __typename ... on CreateBalancePayload { replayed balance { id } } ... on Error { code message }
  }
}`;

interface RecordedEvent {
  readonly value: number;
  readonly idempotencyKey: string | null;
}

const EVENTS = `query ($id: String!) {
  customer(customerId: $id) { events(first: 100) { edges { node { value idempotencyKey } } } }
}`;

let customers = 0;

/** A customer with 1,000 of the feature `messages`, granted without a key. */
export async function newCustomer(gateway: TestGateway): Promise<string> {
  customers += 1;
  const customerId = `customer-${customers}`;
  const balances = [{ customerId, featureId: 'messages', granted: 1_000 }];
  await setUp(gateway, { features: [], customers: [{ customerId }], balances });
  return customerId;
}

export async function eventsOf(gateway: TestGateway, id: string): Promise<RecordedEvent[]> {
  const { data } = await gateway.execute(EVENTS, { id });
  return data.customer.events.edges.map(({ node }: { node: RecordedEvent }) => node);
}

/** The keys of a customer's events, in alphabetical order. */
export async function keysOf(gateway: TestGateway, id: string): Promise<(string | null)[]> {
  const events = await eventsOf(gateway, id);
  return events.map(({ idempotencyKey }) => idempotencyKey).toSorted();
}
