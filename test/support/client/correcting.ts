/** Corrections of balances through two gateways, for the tests of what they refuse, repeat and leave. */
import type { TwoGateways } from '../gateway/two-gateways.js';
import type { Client } from './client.js';
import * as operations from './operations.js';

export type Input = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly __typename: string;
  readonly code?: string;
  readonly issues?: readonly { readonly path: string; readonly rule: string }[];
  readonly field?: string;
  readonly balance?: Record<string, unknown>;
  readonly changed?: boolean;
  readonly replayed?: boolean;
  readonly transferred?: readonly { readonly amount: number }[];
  readonly notTransferred?: number;
}

const REFUSED = `... on Error { code } ... on InvalidInputError { issues { path rule } }
  ... on IdempotencyConflictError { field }`;

export const UPDATE = `mutation ($input: BalancesUpdateInput!) { done: updateBalance(input: $input) {
  __typename ${REFUSED}
  ... on UpdateBalancePayload { changed replayed balance {
    granted used remaining overage priority expiresAt overageAllowed overageLimit carryOverage nextResetAt
    resetInterval resetIntervalCount resetAnchor resetTimeZone rollover { max maxPercent interval intervalCount }
  } }
} }`;

export const DELETE = `mutation ($input: BalancesDeleteInput!) { done: deleteBalance(input: $input) {
  __typename ${REFUSED}
  ... on DeleteBalancePayload { replayed notTransferred transferred { amount balance { id } } balance { id used } }
} }`;

/** What a test does with the balances of customers of its own. `both` is a function, because they are started later. */
export function correcting(both: () => TwoGateways) {
  let customers = 0;
  const client = (index = 0): Client => both().clients[index % 2 === 0 ? 0 : 1];

  async function run(document: string, input: Input, index = 0): Promise<Answer> {
    return (await client(index).run<{ done: Answer }>(document, { input })).done;
  }

  /** A customer with balances of a feature; each as `BalancesCreateInput`. */
  async function customer(...grants: Input[]) {
    customers += 1;
    const customerId = `corrected-${customers}`;
    await operations.createCustomer(client(), customerId);
    const ids: string[] = [];
    for (const grant of grants) {
      const { done } = await client().run<{ done: { balance: { id: string } } }>(
        'mutation ($input: BalancesCreateInput!) { done: createBalance(input: $input) { ... on CreateBalancePayload { balance { id } } } }',
        { input: { customerId, featureId: 'messages', ...grant } },
      );
      ids.push(done.balance.id);
    }
    const [id = ''] = ids;
    return { customerId, id, ids, of: { customerId, id } };
  }

  async function ledger(customerId: string): Promise<Record<string, unknown>[]> {
    const { customer } = await client().run<{
      customer: { ledger: { edges: { node: Record<string, unknown> }[] } };
    }>(
      `query ($id: String!) { customer(customerId: $id) { ledger(first: 50) {
        edges { node { kind amount grantedBefore usedBefore grantedAfter usedAfter reason actor balance { id } } }
      } } }`,
      { id: customerId },
    );
    return customer.ledger.edges.map(({ node }) => node);
  }

  const track = (customerId: string, value: number, index = 0) =>
    operations.track(client(index), customerId, { featureId: 'messages', value });
  return { client, run, customer, ledger, track };
}
