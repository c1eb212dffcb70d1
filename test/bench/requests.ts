/** The requests of the loads: bodies with slots for what varies. */
import { AGAIN_SLOT, CUSTOMER_SLOT, KEY_SLOT } from './load/request-pattern.js';
import type { HttpLoad } from './workload.js';

type Request = Pick<HttpLoad, 'body' | 'success' | 'operations'>;

/** The families of customers, which differ in their balances: see fill/families.ts. */
export type Family = 'plain' | 'event' | 'credit' | 'priced' | 'seat' | 'team' | 'reader' | 'wide';

/** A customer's id consists of its family and its number in seven digits. */
export function customerId(family: Family, number: number): string {
  return `${family}-${String(number).padStart(CUSTOMER_SLOT.length, '0')}`;
}

const PAYLOAD = `{
    __typename
    ... on TrackBalancePayload { event { id } value balance { granted remaining usage } replayed }
    ... on Error { code message }
  }`;

const TRACK = `mutation Track($input: BalancesTrackInput!) {
  trackBalance(input: $input) ${PAYLOAD}
}`;

const TRACKED = '"__typename":"TrackBalancePayload"';

export const PROPERTIES = { model: 'large', region: 'eu' };

/** One usage event of one feature. */
export function track(family: Family, fields: object): Request {
  const input = inputOf(family, fields);
  return { body: JSON.stringify({ query: TRACK, variables: { input } }), success: TRACKED };
}

/** The same with a new idempotency key each time. */
export function trackWithKey(family: Family, fields: object): Request {
  return track(family, { ...fields, idempotencyKey: `request-${KEY_SLOT}` });
}

const BATCH = `mutation TrackBatch($inputs: [BalancesTrackInput!]!) {
  trackBalances(inputs: $inputs) ${PAYLOAD}
}`;

/** A batch of usage events, each of any customer. */
export function trackBatch(family: Family, fields: object, items: number): Request {
  const inputs = Array.from({ length: items }, () => inputOf(family, fields));
  return {
    body: JSON.stringify({ query: BATCH, variables: { inputs } }),
    success: TRACKED,
    operations: items,
  };
}

const READ = `query Balances($customerId: String!) {
  customer(customerId: $customerId) {
    customerId
    balances {
      feature { featureId }
      granted remaining usage overage unlimited overageAllowed nextResetAt
      breakdown { id granted remaining used nextResetAt }
    }
  }
}`;

/** A customer with all its balances and their breakdown. */
export function readBalances(family: Family): Request {
  const variables = { customerId: `${family}-${CUSTOMER_SLOT}` };
  return {
    body: JSON.stringify({ query: READ, variables }),
    success: '"balances":[{"feature":{"featureId":',
  };
}

const CHECK_PAYLOAD = `{
    __typename
    ... on CheckBalancePayload { allowed requiredBalance reason largestAllowed nextChangeAt balance { remaining } }
  }`;

const CHECK = `query Check($input: BalancesCheckInput!) {
  checkBalance(input: $input) ${CHECK_PAYLOAD}
}`;

const CHECKED = '"__typename":"CheckBalancePayload"';

/** Whether a customer may use one more. */
export function check(family: Family, featureId: string): Request {
  const input = { customerId: `${family}-${CUSTOMER_SLOT}`, featureId };
  return { body: JSON.stringify({ query: CHECK, variables: { input } }), success: CHECKED };
}

const CHECKS = `query Checks($inputs: [BalancesCheckInput!]!) {
  checkBalances(inputs: $inputs) ${CHECK_PAYLOAD}
}`;

/** So many customers, each checked for every one of these features. */
export function checkMany(
  family: Family,
  featureIds: readonly string[],
  customers: number,
): Request {
  const inputs = Array.from({ length: customers }, () =>
    featureIds.map((featureId, n) => ({
      customerId: `${family}-${n === 0 ? CUSTOMER_SLOT : AGAIN_SLOT}`,
      featureId,
    })),
  ).flat();
  return {
    body: JSON.stringify({ query: CHECKS, variables: { inputs } }),
    success: CHECKED,
    operations: inputs.length,
  };
}

const holding = (verb: string, input: string, payload: string) =>
  `mutation Hold($input: ${input}!) {
  ${verb}(input: $input) {
    __typename
    ... on ${payload} { reservation { held used } balance { granted remaining usage } replayed }
    ... on Error { code message }
  }
}`;

const RESERVE = holding('reserveBalance', 'BalancesReserveInput', 'ReserveBalancePayload');
const CAPTURE = holding(
  'captureReservation',
  'ReservationsCaptureInput',
  'CaptureReservationPayload',
);

/** A reservation of one unit, and then its capture. */
export function reserveAndCapture(
  family: Family,
  fields: object,
): Request & Pick<HttpLoad, 'bodyAfter'> {
  const reservationId = `request-${KEY_SLOT}`;
  const input = { ...inputOf(family, fields), reservationId };
  const captured = { customerId: `${family}-${CUSTOMER_SLOT}`, reservationId };
  return {
    body: JSON.stringify({ query: RESERVE, variables: { input } }),
    bodyAfter: JSON.stringify({ query: CAPTURE, variables: { input: captured } }),
    // Both results have it once; of a refusal, it is not selected.
    success: '"replayed":false',
    operations: 1 / 2,
  };
}

const ENTITIES = `query Users__tollgate__1($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on Customer { balances { feature { featureId } granted remaining usage } }
  }
}`;

/** Customers as a gateway asks for them, each by its id, with all their balances. */
export function readEntities(family: Family, entities: number): Request & Pick<HttpLoad, 'path'> {
  const customerId = `${family}-${CUSTOMER_SLOT}`;
  const representations = Array.from({ length: entities }, () => ({
    __typename: 'Customer',
    customerId,
  }));
  return {
    path: '/subgraph',
    body: JSON.stringify({ query: ENTITIES, variables: { representations } }),
    success: '{"balances":[{"feature":{"featureId":',
    operations: entities,
  };
}

function inputOf(family: Family, fields: object): object {
  return { customerId: `${family}-${CUSTOMER_SLOT}`, value: 1, properties: PROPERTIES, ...fields };
}
