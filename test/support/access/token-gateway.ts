/** A gateway with two customers, and customer tokens for them. */
import { SignJWT } from 'jose';
import type { KeyKind } from '../../../src/meter/access/key-kinds.js';
import { createKey } from '../../../src/meter/access/keys.js';
import {
  NARROWED_SCOPES,
  PUBLISHABLE_SCOPES,
  type Scope,
} from '../../../src/meter/access/scopes.js';
import { createTokenSecret } from '../../../src/meter/access/token-secrets.js';
import { DEFAULT_PREFIXES } from '../../../src/schema/subgraph/names.js';
import { startTestGateway, type TestGateway } from '../gateway/gateway.js';
import { setUp } from '../gateway/set-up.js';

/** Whatever must not be seen with the token of another customer contains "-hidden". */
export const ACME = 'acme-hidden';

export interface TokenGateway extends TestGateway {
  /** The project's, for tokens. */
  readonly tokenSecret: string;
  /** Of another project. */
  readonly foreignTokenSecret: string;
  readonly publishable: string;
  /** Of one node of each type, all of which belong to an entity of the customer. */
  readonly nodeIds: Readonly<Record<string, string[]>>;
  /** One that can track, with a token. */
  readonly customerKey: string;
  keyWith(scopes: readonly Scope[], kind?: KeyKind): Promise<string>;
  ask(query: string, key: string, token?: string, path?: string): Promise<Told>;
  /** What it told, read. */
  answer(query: string, key: string, token?: string, path?: string): Promise<Read>;
  tokenFor(customer: string, entity?: string): Promise<string>;
}

interface Told {
  readonly status: number;
  readonly text: string;
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has whatever the test has requested.
type Read = any;

export const track = (input: string) => `mutation {
  trackBalance(input: { ${input}, featureId: "messages-hidden" }) {
    __typename
    ... on Error { code message }
    ... on TrackBalancePayload {
      event { UsageEvent: id }
      customer { Customer: id }
      entity { CustomerEntity: id }
      balances {
        feature { Feature: id }
        breakdown { Balance: id ledger(first: 1) { edges { node { LedgerEntry: id } } } }
      }
    }
  }
}`;

export async function startTokenGateway(
  options: Parameters<typeof startTestGateway>[0] = {},
): Promise<TokenGateway> {
  const gateway = await startTestGateway({ subgraph: DEFAULT_PREFIXES, ...options });
  const { store, projectId } = gateway;
  await setUp(gateway, {
    features: [{ featureId: 'messages-hidden' }],
    customers: [
      { customerId: ACME, entities: ['seat-hidden', 'desk-hidden'] },
      { customerId: 'beta', entities: ['seat-hidden'] },
    ],
    balances: [
      { customerId: ACME, featureId: 'messages-hidden', granted: 100 },
      { customerId: ACME, featureId: 'messages-hidden', granted: 7, entityId: 'desk-hidden' },
      { customerId: 'beta', featureId: 'messages-hidden', granted: 5 },
    ],
  });
  const { project } = await store.projects.ensure('foreign');
  const [own, foreign] = await Promise.all(
    [projectId, project.id].map((id) =>
      createTokenSecret(store.tokenSecrets, { projectId: id, overlapMs: 0 }),
    ),
  );
  const { data } = await gateway.execute(track(`customerId: "${ACME}", entityId: "desk-hidden"`));
  const pairs = JSON.stringify(data).matchAll(/"([A-Z]\w+)":"([^"]+)"/g);
  // Of the balances, the entity's own comes first.
  const ids = [...pairs].toReversed().map(([, type = '', id = '']) => [type, [id]]);
  await gateway.execute(track(`customerId: "${ACME}"`));

  const keyWith = async (scopes: readonly Scope[], kind?: KeyKind) => {
    const draft = { projectId, name: 'token', scopes, lifetimeMs: null, ...(kind && { kind }) };
    return (await createKey(store.apiKeys, draft)).secret;
  };
  const ask: TokenGateway['ask'] = async (query, key, token, path = '/graphql') => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(token !== undefined && { 'tollgate-customer-token': token }),
    };
    const response = await gateway.send({ path, headers, body: { query } });
    return { status: response.status, text: await response.text() };
  };
  const tokenSecret = own?.secret ?? '';
  return {
    ...gateway,
    tokenSecret,
    foreignTokenSecret: foreign?.secret ?? '',
    publishable: await keyWith(PUBLISHABLE_SCOPES, 'PUBLISHABLE'),
    customerKey: await keyWith(NARROWED_SCOPES, 'CUSTOMER'),
    nodeIds: Object.fromEntries(ids),
    keyWith,
    ask,
    answer: async (...call) => {
      const { status, text } = await ask(...call);
      return { status, ...JSON.parse(text) };
    },
    // As a server does that uses the same package.
    tokenFor: (customer, entity) =>
      new SignJWT({ customer, ...(entity !== undefined && { entity }) })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuedAt()
        .setExpirationTime('10 minutes')
        .sign(new TextEncoder().encode(tokenSecret)),
  };
}

/** What leads to what tokens for others must not see. */
export const HIDDEN_ARGS = {
  customerId: `"${ACME}"`,
  entityId: '"desk-hidden"',
  featureId: '"messages-hidden"',
  reservationId: '"held-hidden"',
  input: `{ customerId: "${ACME}", featureId: "messages-hidden" }`,
  inputs: `[{ customerId: "${ACME}", featureId: "messages-hidden" }]`,
};
