/** The operations that tests send, each with the shape of its answer. */
import type { RefusalCode } from '../../../src/domain/refusal.js';
import type { PlainGrant, PlainTrack } from '../cases/plain.js';
import { costsOf, type PlainFeature } from '../cases/plain-feature.js';
import type { Client } from './client.js';

/** What is selected of a feature's balances. */
export const VIEW = `
  fragment Shown on FeatureBalance {
    feature { featureId } granted remaining usage overage reserved unlimited overageAllowed nextResetAt
    breakdown { id granted remaining used overage reserved rollovers { remaining } }
  }`;

export interface ShownView {
  readonly feature: { readonly featureId: string };
  readonly granted: number;
  readonly remaining: number;
  readonly usage: number;
  readonly overage: number;
  readonly reserved: number;
  readonly unlimited: boolean;
  readonly overageAllowed: boolean;
  readonly nextResetAt: string | null;
  readonly breakdown: readonly {
    readonly id: string;
    readonly granted: number;
    readonly remaining: number;
    readonly used: number;
    readonly overage: number;
    readonly reserved: number;
    readonly rollovers: readonly { readonly remaining: number }[];
  }[];
}

export interface ShownShortfall {
  readonly amount: number;
  readonly feature: { readonly featureId: string };
  readonly chargedFeature: { readonly featureId: string };
}

/** What is selected of the answer to a usage event, alone or in a batch. */
export const TRACKED = `
  fragment Tracked on TrackBalanceResult {
    __typename
    ... on TrackBalancePayload {
      replayed
      event { id occurredAt recordedAt }
      balance { feature { featureId } }
      balances { ...Shown }
      deductions { amount feature { featureId } balance { id } }
      unapplied { amount feature { featureId } chargedFeature { featureId } }
    }
    ... on InsufficientBalanceError {
      replayed
      missing { amount feature { featureId } chargedFeature { featureId } }
    }
    ... on IdempotencyConflictError { field }
    ... on Error { code message }
  }
  ${VIEW}`;

const TRACK = `
  mutation Track($input: BalancesTrackInput!) {
    trackBalance(input: $input) { ...Tracked }
  }
  ${TRACKED}`;

/** The id of the row of a node: the last part of its global id. */
export function rowIdOf(nodeId: string): string {
  return Buffer.from(nodeId, 'base64').toString('latin1').split(':').at(-1) ?? '';
}

export type Tracked = TrackAccepted | TrackRefused;

export interface TrackAccepted {
  readonly __typename: 'TrackBalancePayload';
  readonly replayed: boolean;
  readonly event: { readonly id: string; readonly occurredAt: string; readonly recordedAt: string };
  readonly balance: { readonly feature: { readonly featureId: string } } | null;
  readonly balances: readonly ShownView[];
  readonly deductions: readonly {
    readonly amount: number;
    readonly feature: { readonly featureId: string };
    readonly balance: { readonly id: string };
  }[];
  readonly unapplied: readonly ShownShortfall[];
}

export interface TrackRefused {
  readonly __typename: 'Refused';
  readonly code: RefusalCode;
  readonly message: string;
  readonly replayed?: boolean;
  readonly missing?: readonly ShownShortfall[];
  readonly field?: string;
}

export function wasTracked(answer: Tracked): answer is TrackAccepted {
  return answer.__typename === 'TrackBalancePayload';
}

export async function track(
  client: Client,
  customerId: string,
  call: PlainTrack,
): Promise<Tracked> {
  const input = { customerId, ...call };
  return (await client.run<{ trackBalance: Tracked }>(TRACK, { input })).trackBalance;
}

const GRANT = `
  mutation Grant($input: BalancesCreateInput!) {
    createBalance(input: $input) {
      ... on CreateBalancePayload { created balance { id createdAt } }
      ... on Error { code message }
    }
  }`;

export type Granted =
  | {
      readonly created: boolean;
      readonly balance: { readonly id: string; readonly createdAt: string };
    }
  | { readonly code: RefusalCode; readonly message: string };

export async function grant(
  client: Client,
  customerId: string,
  { name: _, reset, ...rest }: PlainGrant,
): Promise<Granted> {
  const keep = reset?.rollover?.keep;
  const input = {
    customerId,
    ...rest,
    ...(reset && {
      resetInterval: reset.interval,
      resetIntervalCount: reset.count ?? 1,
      resetAnchor: reset.anchor,
      resetTimeZone: reset.timeZone,
      carryOverage: reset.carryOverage ?? false,
      rollover: reset.rollover && {
        max: reset.rollover.max,
        maxPercent: reset.rollover.maxPercent,
        ...(keep && { interval: keep.unit, intervalCount: keep.count }),
      },
    }),
  };
  return (await client.run<{ createBalance: Granted }>(GRANT, { input })).createBalance;
}

/** Null if it succeeded. */
type Done = { readonly code?: RefusalCode };

export async function createCustomer(client: Client, customerId: string): Promise<void> {
  const document = `mutation Create($input: CustomersCreateInput!) {
    createCustomer(input: $input) { ... on Error { code } } }`;
  expectDone(await client.run<{ createCustomer: Done }>(document, { input: { customerId } }));
}

export async function createFeature(client: Client, feature: PlainFeature): Promise<void> {
  const document = `mutation Create($input: FeaturesCreateInput!) {
    createFeature(input: $input) { ... on Error { code message } } }`;
  const { id, type, eventNames = [] } = feature;
  const input = {
    featureId: id,
    name: id,
    type,
    eventNames: [...new Set(eventNames)],
    creditCosts: costsOf(feature),
  };
  expectDone(await client.run<{ createFeature: Done }>(document, { input }));
}

/** Returns the code of the refusal; null if it succeeded. */
export async function createEntity(
  client: Client,
  customerId: string,
  entityId: string,
): Promise<RefusalCode | null> {
  const document = `mutation Create($input: EntitiesCreateInput!) {
    createEntity(input: $input) { ... on Error { code } } }`;
  const input = { customerId, entityId };
  const data = await client.run<{ createEntity: Done }>(document, { input });
  return data.createEntity.code ?? null;
}

/** Returns the code of the refusal; null if it succeeded. */
export async function deleteEntity(
  client: Client,
  customerId: string,
  entityId: string,
): Promise<RefusalCode | null> {
  const document = `mutation Delete($input: EntitiesDeleteInput!) {
    deleteEntity(input: $input) { ... on Error { code } } }`;
  const input = { customerId, entityId };
  const data = await client.run<{ deleteEntity: Done }>(document, { input });
  return data.deleteEntity.code ?? null;
}

function expectDone(data: Readonly<Record<string, Done>>): void {
  const [done] = Object.values(data);
  if (done?.code !== undefined) throw new Error(`refused: ${JSON.stringify(done)}`);
}

/** What a customer, or one of its entities, sees of a feature; null if there is no balance. */
export async function look(
  client: Client,
  customerId: string,
  featureId: string,
  entityId: string | null,
): Promise<ShownView | null> {
  const document = `query Look($customerId: String!, $featureId: String!, $entityId: String!,
      $ofEntity: Boolean!) {
    customer(customerId: $customerId) {
      balance(featureId: $featureId) @skip(if: $ofEntity) { ...Shown }
      entity(entityId: $entityId) @include(if: $ofEntity) {
        balance(featureId: $featureId) { ...Shown }
      }
    }
  }
  ${VIEW}`;
  type Seen = { readonly balance?: ShownView | null };
  const { customer } = await client.run<{ customer: (Seen & { entity?: Seen | null }) | null }>(
    document,
    { customerId, featureId, entityId: entityId ?? 'none', ofEntity: entityId !== null },
  );
  return (entityId === null ? customer?.balance : customer?.entity?.balance) ?? null;
}

/** What a customer, or one of its entities, sees of all its features, by feature. */
export async function lookAtAll(
  client: Client,
  customerId: string,
  entityId: string | null,
): Promise<readonly ShownView[]> {
  const document = `query Look($customerId: String!, $entityId: String!, $ofEntity: Boolean!) {
    customer(customerId: $customerId) {
      balances @skip(if: $ofEntity) { ...Shown }
      entity(entityId: $entityId) @include(if: $ofEntity) { balances { ...Shown } }
    }
  }
  ${VIEW}`;
  type Seen = { readonly balances?: readonly ShownView[] };
  const { customer } = await client.run<{ customer: (Seen & { entity?: Seen | null }) | null }>(
    document,
    { customerId, entityId: entityId ?? 'none', ofEntity: entityId !== null },
  );
  return (entityId === null ? customer?.balances : customer?.entity?.balances) ?? [];
}

export interface ShownEvent {
  readonly id: string;
  readonly value: number;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly idempotencyKey: string | null;
  readonly voidedAt: string | null;
}

const EVENTS_PAGE = 100;

/** All of a customer's events, page by page, newest first. */
export async function events(client: Client, customerId: string): Promise<ShownEvent[]> {
  const document = `query Events($customerId: String!, $first: Int!, $after: String) {
    events(customerId: $customerId, first: $first, after: $after) {
      edges { node { id value occurredAt recordedAt idempotencyKey voidedAt } }
      pageInfo { hasNextPage endCursor }
    }
  }`;
  type Page = {
    readonly edges: readonly { readonly node: ShownEvent }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
  const found: ShownEvent[] = [];
  let after: string | null = null;
  for (;;) {
    const variables: object = { customerId, first: EVENTS_PAGE, after };
    const { events }: { events: Page } = await client.run(document, variables);
    found.push(...events.edges.map(({ node }) => node));
    if (!events.pageInfo.hasNextPage) return found;
    after = events.pageInfo.endCursor;
  }
}
