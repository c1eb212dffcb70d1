/** The gateway under attack: with data of its own, and of another project that must not be reached. */
import { createGateway, type GatewayOptions } from '../../../src/gateway.js';
import { type Listener, listen } from '../../../src/http/listener.js';
import { createKey } from '../../../src/meter/access/keys.js';
import { SCOPES } from '../../../src/meter/access/scopes.js';
import { createTokenSecret } from '../../../src/meter/access/token-secrets.js';
import { DEFAULT_PREFIXES } from '../../../src/schema/subgraph/names.js';
import { startTestGateway, type TestGateway } from '../gateway/gateway.js';
import { createLog, type TestLog } from '../gateway/log.js';
import { setUp } from '../gateway/set-up.js';

/** Whose pages may call the gateway. */
export const PAGE_ORIGIN = 'https://app.example';

/** With which gateways sign their requests. */
export const HMAC_SECRET = 'the-secret-of-the-gateway-of-32-chars';

/** It demands signatures at the entrance for gateways, and limits what operations may cost; or it executes trusted documents only. */
export type Place = 'STRICT' | 'ENFORCING';

const STRICT = {
  operationCostMax: 1_000,
  costPerMinute: 600,
  subgraph: { ...DEFAULT_PREFIXES, hmacSecrets: [HMAC_SECRET] },
};

export const TRUSTED = 'query Trusted { __typename }';

export interface Site {
  readonly gateway: TestGateway;
  readonly log: TestLog;
  readonly origin: string;
  /** Other gateways on the same database. */
  readonly origins: Readonly<Record<Place, string>>;
  /** A valid key: most attackers have one. */
  readonly secret: string;
  /** A key of the project that is attacked. */
  readonly theirSecret: string;
  readonly expired: string;
  readonly revoked: string;
  /** Another one of the attacker's project, which has a budget of its own. */
  readonly spender: string;
  /** With which the attacker's project signs tokens for its customers. */
  readonly tokenSecret: string;
  /** A key of the attacker's project that needs a token, and has not got one. */
  readonly customerKey: string;
  /** A key of the attacker's project that may only read balances. */
  readonly reader: string;
  /** What a valid answer shows of that project: its global ids by type, and cursors by list. */
  readonly theirs: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const log = createLog();
  const gateway = await startTestGateway({
    logger: log.logger,
    graphiql: false,
    subgraph: DEFAULT_PREFIXES,
    corsOrigins: [PAGE_ORIGIN],
    idempotencyFallbackHeader: 'x-correlation-id',
    manifest: new Map([['trusted', TRUSTED]]),
  });
  const data = {
    features: [{ featureId: 'messages', eventNames: ['chat'] }],
    customers: [{ customerId: 'acme', entities: ['seat'] }],
    balances: [{ customerId: 'acme', featureId: 'messages', granted: 1_000 }],
  };
  await setUp(gateway, data);
  const theirData = JSON.parse(
    JSON.stringify(data).replaceAll('acme', 'theirs').replaceAll('messages', 'their-feature'),
  );
  await setUp(gateway, theirData, gateway.foreignSecret);
  const { store, projectId } = gateway;
  const strict = await openBeside(gateway, STRICT);
  const enforcing = await openBeside(gateway, { trustedDocuments: 'enforce' });
  const draft = { projectId, name: 'test', scopes: SCOPES, lifetimeMs: null };
  const revoked = await createKey(store.apiKeys, draft);
  await store.apiKeys.revoke(revoked.key.id);
  return {
    gateway,
    log,
    origin: gateway.origin,
    tokenSecret: (await createTokenSecret(store.tokenSecrets, { projectId, overlapMs: 0 })).secret,
    origins: { STRICT: strict.origin, ENFORCING: enforcing.origin },
    spender: (await createKey(store.apiKeys, draft)).secret,
    secret: gateway.secret,
    theirSecret: gateway.foreignSecret,
    expired: (await createKey(store.apiKeys, { ...draft, lifetimeMs: 1 })).secret,
    revoked: revoked.secret,
    customerKey: (await createKey(store.apiKeys, { ...draft, kind: 'CUSTOMER' })).secret,
    reader: (await createKey(store.apiKeys, { ...draft, scopes: ['balances:read'] })).secret,
    theirs: await seen(gateway),
    close: async () => {
      await strict.close();
      await enforcing.close();
      await gateway.close();
    },
  };
}

function openBeside(
  { parts }: TestGateway,
  changes: Partial<GatewayOptions['config']>,
): Promise<Listener> {
  return listen({
    handle: createGateway({ ...parts, config: { ...parts.config, ...changes } }).handle,
    host: '127.0.0.1',
    port: 0,
    drainTimeoutMs: 5_000,
  });
}

const ALL = `mutation { trackBalance(input: {
  customerId: "theirs", featureId: "their-feature", entityId: "seat", idempotencyKey: "used"
}) { ... on TrackBalancePayload {
  event { UsageEvent: id }
  customer {
    Customer: id
    events(first: 1) { edges { EventCursor: cursor } }
    entities(first: 1) { edges { EntityCursor: cursor } }
  }
  entity { CustomerEntity: id }
  balance {
    feature { Feature: id }
    breakdown {
      Balance: id
      ledger(first: 1) { edges { LedgerCursor: cursor node { LedgerEntry: id } } }
    }
  }
} } }`;

const LISTS = `{
  customers(first: 1) { edges { CustomerCursor: cursor } }
  features(first: 1) { edges { FeatureCursor: cursor } }
}`;

async function seen({ execute, foreignSecret }: TestGateway): Promise<Record<string, string>> {
  const parts = [await execute(ALL, {}, foreignSecret), await execute(LISTS, {}, foreignSecret)];
  return Object.fromEntries(parts.flatMap(({ data }) => [...named(data)]));
}

/** A global id or a cursor of the other project. */
export function theirsOf({ theirs }: Site, name: string): string {
  const value = theirs[name];
  if (value === undefined) throw new Error(`nothing was seen of ${name}`);
  return value;
}

/** Every member whose name begins with a capital letter. */
function* named(value: object): Generator<[string, string]> {
  for (const [key, part] of Object.entries(value)) {
    if (/^[A-Z]/.test(key)) yield [key, String(part)];
    else if (typeof part === 'object' && part !== null) yield* named(part);
  }
}

/** The rows of every table as a digest. A key's last use is no trace that an attacker chooses. */
export async function contentsOf({ gateway }: Site): Promise<Readonly<Record<string, string>>> {
  const tables = await gateway.sql(`SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    ORDER BY relname`);
  const digests = tables.map(({ relname }) => {
    const row = `(to_jsonb(t) - 'last_used_at')::text`;
    return `SELECT '${relname}' AS name, count(*) || ' rows, ' ||
      md5(coalesce(string_agg(${row}, ',' ORDER BY ${row}), '')) AS digest FROM "${relname}" t`;
  });
  const rows = await gateway.sql(digests.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, digest }) => [String(name), String(digest)]));
}
