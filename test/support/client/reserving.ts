/** Reservations of customers of their own, through two gateways in turn. */
import type { PlainGrant } from '../cases/plain.js';
import type { TwoGateways } from '../gateway/two-gateways.js';
import type { Client } from './client.js';
import * as operations from './operations.js';
import { type ReservationAnswer, type ReservationVerb, settle } from './reservations.js';

export interface Reserving {
  /** The gateways in turn, so that the cache of each is stale at nearly every call. */
  client(): Client;
  /** A customer for one test alone, with these grants, and their entities. */
  customer(...grants: PlainGrant[]): Promise<string>;
  call(verb: ReservationVerb, input: Record<string, unknown>): Promise<ReservationAnswer>;
  /** What the customer sees of its messages. */
  amountsOf(customerId: string): Promise<Record<string, number> | null>;
  reservationOf(customerId: string, reservationId: string): Promise<Record<string, unknown> | null>;
  /** The ids of those that have not ended. */
  listed(customerId: string): Promise<string[]>;
  /** The kinds and amounts of the ledger. */
  kindsOf(customerId: string): Promise<string[]>;
}

export function reservingOn(both: () => TwoGateways): Reserving {
  let names = 0;
  let calls = 0;
  const client = () => {
    calls += 1;
    return both().clients[calls % 2 === 0 ? 0 : 1];
  };
  return {
    client,
    async customer(...grants) {
      names += 1;
      const id = `customer${names}`;
      await operations.createCustomer(client(), id);
      for (const grant of grants) {
        if (grant.entityId !== undefined) await createEntity(client(), id, grant.entityId);
        await operations.grant(client(), id, grant);
      }
      return id;
    },
    call: (verb, input) => settle(client(), verb, input),
    amountsOf: async (customerId) =>
      (await found<Amounts>(client(), AMOUNTS, { customerId })).balance,
    reservationOf: async (customerId, reservationId) => {
      const { reservation } = await client().run<{
        reservation: Record<string, unknown> | null;
      }>(RESERVATION, { customerId, reservationId });
      return reservation;
    },
    async listed(customerId) {
      const { reservations } = await found<Listed>(client(), LISTED, { customerId });
      return reservations.edges.map(({ node }) => node.reservationId);
    },
    async kindsOf(customerId) {
      const rows = await both().sql<{ kind: string; amount: string }>(KINDS, [customerId]);
      return rows.map(({ kind, amount }) => `${kind} ${amount}`);
    },
  };
}

interface Amounts {
  readonly balance: Record<string, number> | null;
}

interface Listed {
  readonly reservations: {
    readonly edges: readonly { readonly node: { readonly reservationId: string } }[];
  };
}

const AMOUNTS = `query ($customerId: String!) { customer(customerId: $customerId) {
  balance(featureId: "messages") { granted remaining usage overage reserved } } }`;

const LISTED = `query ($customerId: String!) { customer(customerId: $customerId) {
  reservations(first: 100) { edges { node { reservationId } } } } }`;

const RESERVATION = `query ($customerId: String!, $reservationId: String!) {
  reservation(customerId: $customerId, reservationId: $reservationId) {
    status held used value properties endedAt expiresAt feature { featureId } } }`;

const KINDS = `SELECT kind::text, trim_scale(amount)::text AS amount
  FROM ledger_entries JOIN customers USING (customer_key) WHERE id = $1 ORDER BY balance_id, seq`;

async function found<Data>(client: Client, document: string, variables: object): Promise<Data> {
  const { customer } = await client.run<{ customer: Data }>(document, variables);
  return customer;
}

function createEntity(client: Client, customerId: string, entityId: string) {
  const document =
    'mutation ($input: EntitiesCreateInput!) { createEntity(input: $input) { __typename } }';
  return client.run(document, { input: { customerId, entityId } });
}
