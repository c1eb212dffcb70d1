/** What the loads ask for: bodies with slots for what varies. */
import { CUSTOMER_SLOT, KEY_SLOT } from './load/request-pattern.js';
import type { HttpLoad } from './workload.js';

type Request = Pick<HttpLoad, 'body' | 'success' | 'operations'>;

/** The families of customers, which differ in what they hold: see fill/families.ts. */
export type Family = 'plain' | 'event' | 'credit' | 'seat' | 'team' | 'reader';

/** A customer's id is its family and its number in seven digits. */
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

/** One use of one feature. */
export function track(family: Family, use: object): Request {
  const input = inputOf(family, use);
  return { body: JSON.stringify({ query: TRACK, variables: { input } }), success: TRACKED };
}

/** The same with an idempotency key, a new one each time. */
export function trackWithKey(family: Family, use: object): Request {
  return track(family, { ...use, idempotencyKey: `request-${KEY_SLOT}` });
}

const BATCH = `mutation TrackBatch($inputs: [BalancesTrackInput!]!) {
  trackBalances(inputs: $inputs) ${PAYLOAD}
}`;

/** Many uses in one request, each of any customer. */
export function trackBatch(family: Family, use: object, items: number): Request {
  const inputs = Array.from({ length: items }, () => inputOf(family, use));
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

/** A customer with all its balances, each grant apart. */
export function readBalances(family: Family): Request {
  const variables = { customerId: `${family}-${CUSTOMER_SLOT}` };
  return {
    body: JSON.stringify({ query: READ, variables }),
    success: '"balances":[{"feature":{"featureId":',
  };
}

function inputOf(family: Family, use: object): object {
  return { customerId: `${family}-${CUSTOMER_SLOT}`, value: 1, properties: PROPERTIES, ...use };
}
