/** What only this release writes, and how a gateway of an earlier one fares with it. */
import { CallError, type Client } from '../client/client.js';
import type { OlderSchema } from './prune.js';

export type Input = Readonly<Record<string, unknown>>;

/** Runs a mutation, which must not be refused. */
export async function done<Payload = unknown>(
  client: Client,
  mutation: keyof typeof MUTATIONS,
  input: Input,
): Promise<Payload> {
  const answer = await client.run<{ done: { code?: string; message?: string } }>(
    documentOf(mutation),
    { input },
  );
  if (answer.done.code !== undefined) throw new Error(`${mutation}: ${answer.done.message}`);
  return answer.done as Payload;
}

/** The type of the input, and what is selected. */
const MUTATIONS = {
  createBalance: ['BalancesCreateInput', '... on CreateBalancePayload { balance { id } }'],
  trackBalance: ['BalancesTrackInput', '... on TrackBalancePayload { event { id } }'],
  voidEvent: ['EventsVoidInput', ''],
  amendEvent: ['EventsAmendInput', ''],
  voidEvents: ['EventsVoidMatchingInput', ''],
  updateBalance: ['BalancesUpdateInput', ''],
  deleteBalance: ['BalancesDeleteInput', ''],
  deleteCustomer: ['CustomersDeleteInput', ''],
  createFeature: ['FeaturesCreateInput', ''],
  updateFeature: ['FeaturesUpdateInput', ''],
  archiveFeature: ['FeaturesArchiveInput', ''],
  reserveBalance: ['BalancesReserveInput', ''],
  captureReservation: ['ReservationsCaptureInput', ''],
  releaseReservation: ['ReservationsReleaseInput', ''],
} as const;

export function documentOf(mutation: keyof typeof MUTATIONS): string {
  const [type, selected] = MUTATIONS[mutation];
  return `mutation ($input: ${type}!) {
    done: ${mutation}(input: $input) { __typename ... on Error { code message } ${selected} }
  }`;
}

const BALANCES = `query ($customerId: String!) {
  customer(customerId: $customerId) {
    balance(featureId: "messages") {
      granted remaining usage overage
      breakdown { id granted remaining overage }
    }
  }
}`;

const LEDGER = `query ($id: ID!) { node(id: $id) { ... on Balance {
  ledger(first: 20) { edges { node { kind amount grantedAfter usedAfter } } }
} } }`;

const EVENTS = `query ($customerId: String!) {
  events(customerId: $customerId, first: 5) { edges { node { id value deductions { amount } } } }
}`;

interface Balances {
  readonly customer: {
    readonly balance: { readonly breakdown: readonly { readonly id: string }[] } | null;
  } | null;
}

/** What a gateway tells of a customer, as far as both schemas have it, or the code of the error. */
export async function readOf(client: Client, customerId: string): Promise<unknown> {
  const read = async () => {
    const { customer } = await client.run<Balances>(BALANCES, { customerId });
    const ids = customer?.balance?.breakdown.map(({ id }) => id) ?? [];
    const ledgers = await Promise.all(ids.map((id) => client.run(LEDGER, { id })));
    return { customer, ledgers, events: await client.run(EVENTS, { customerId }) };
  };
  return orCodes(read());
}

/** Whether usage was recorded, or the code of the error. */
export async function useOf(client: Client, customerId: string): Promise<string> {
  const input = { customerId, featureId: 'messages', value: 1 };
  const answer = await orCodes(
    client.run<{ done: { __typename: string } }>(documentOf('trackBalance'), { input }),
  );
  return typeof answer === 'string' ? answer : answer.done.__typename;
}

async function orCodes<Answer>(answer: Promise<Answer>): Promise<Answer | string> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CallError) return [...new Set(error.codes)].join();
    throw error;
  }
}

export interface RowsOfThisRelease {
  readonly name: string;
  /** What this release does about a customer that has two balances of 100 and 50, of which an event of 30 used a part. */
  readonly does: (client: Client, customer: Used) => Promise<unknown>;
  /** What the earlier release answers then, if it does not serve the customer as before. */
  readonly refused?: (schema: OlderSchema) => string | null;
  /** What takes it back. */
  readonly ends?: (client: Client, customer: Used) => Promise<unknown>;
}

export interface Used {
  readonly customerId: string;
  readonly balanceId: string;
  readonly eventId: string;
}

const RESERVED = { featureId: 'messages', value: 20, reservationId: 'held' } as const;

const reserved = async (client: Client, { customerId }: Used, seconds = 86_400) =>
  done(client, 'reserveBalance', { customerId, ...RESERVED, expiresInSeconds: seconds });

export const ROWS: readonly RowsOfThisRelease[] = [
  {
    name: 'an event that is undone',
    does: (client, { eventId }) => done(client, 'voidEvent', { eventId, reason: 'a mistake' }),
  },
  {
    name: 'an event that is amended',
    does: (client, { eventId }) => done(client, 'amendEvent', { eventId, value: 7 }),
  },
  {
    name: 'events that are undone together',
    does: (client, { customerId }) =>
      done(client, 'voidEvents', { filter: { customerId }, dryRun: false }),
  },
  {
    name: 'a balance that is corrected',
    does: (client, { customerId, balanceId: id }) =>
      done(client, 'updateBalance', { customerId, id, granted: 80, reason: 'agreed', actor: 'me' }),
  },
  {
    name: 'a balance that is ended, its usage transferred',
    does: (client, { customerId, balanceId: id }) =>
      done(client, 'deleteBalance', { customerId, id, transferUsage: true }),
  },
  {
    name: 'a balance with an id of its own',
    does: (client, { customerId }) =>
      done(client, 'createBalance', {
        customerId,
        featureId: 'messages',
        granted: 5,
        balanceId: 'mine',
      }),
  },
  {
    name: 'a reservation that was captured in part',
    does: async (client, used) => {
      await reserved(client, used);
      const { customerId } = used;
      await done(client, 'captureReservation', { customerId, reservationId: 'held', value: 4 });
    },
  },
  {
    name: 'a reservation that was released',
    does: async (client, used) => {
      await reserved(client, used);
      const { customerId } = used;
      await done(client, 'releaseReservation', { customerId, reservationId: 'held' });
    },
  },
  {
    name: 'a reservation that holds something',
    does: (client, used) => reserved(client, used),
    ends: (client, { customerId }) =>
      done(client, 'releaseReservation', { customerId, reservationId: 'held' }),
    refused: (schema) => (schema.serves(documentOf('reserveBalance')) ? null : 'RESULT_UNREADABLE'),
  },
  {
    name: 'an archived feature',
    does: (client) => done(client, 'archiveFeature', { featureId: 'messages' }),
    ends: (client) => done(client, 'archiveFeature', { featureId: 'messages', archived: false }),
  },
  {
    name: 'a feature whose cost depends on properties',
    does: (client) =>
      done(client, 'createFeature', {
        featureId: 'credits',
        name: 'credits',
        type: 'CREDIT_SYSTEM',
        creditCosts: [
          { featureId: 'messages', cost: 2, where: { model: 'large' } },
          { featureId: 'messages', cost: 1 },
        ],
      }),
    refused: (schema) =>
      schema.takes('CreditCostInput', 'where') ? null : 'INTERNAL_SERVER_ERROR',
    ends: (client) =>
      done(client, 'updateFeature', {
        featureId: 'credits',
        creditCosts: [{ featureId: 'messages', cost: 1 }],
      }),
  },
];
