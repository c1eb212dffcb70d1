/** A complete gateway for a suite, with its own database, the real store and a real server. */

import type { OperationBounds } from '../../../src/config/operation-bounds.js';
import type { SubgraphConfig } from '../../../src/config/subgraph-settings.js';
import type { TrustedDocumentsMode } from '../../../src/config/trusted-documents-settings.js';
import { createGateway, type Gateway, type GatewayOptions } from '../../../src/gateway.js';
import { listen } from '../../../src/http/listener.js';
import type { Manifest } from '../../../src/http/trusted/manifest.js';
import { createAuthenticator } from '../../../src/meter/access/authenticate.js';
import { createCustomerTokens } from '../../../src/meter/access/customer-tokens.js';
import { createKey } from '../../../src/meter/access/keys.js';
import { SCOPES } from '../../../src/meter/access/scopes.js';
import type { ReadPath } from '../../../src/meter/read/read-path.js';
import type { ReadQueueOptions } from '../../../src/meter/read/read-queue-options.js';
import { createWriteQueue } from '../../../src/meter/write/write-queue.js';
import { monotonicMs, wallClockMs } from '../../../src/platform/clock.js';
import { createLogger, type Logger } from '../../../src/platform/logger.js';
import type { Tracing } from '../../../src/tracing/tracing.js';
import { openPool } from '../database/connections.js';
import { PLACES } from '../database/places.js';
import { createStore, type TestStore, type TestStoreOptions } from '../database/store.js';
import { readQueueOn } from '../meter/read-queue.js';
import { handleOf } from './adapter.js';
import { GATEWAY_CONFIG, WRITE_QUEUE } from './limits.js';

export interface TestGateway
  extends Pick<TestStore, 'store' | 'projectId' | 'setClockOffset' | 'database'> {
  /** `http://127.0.0.1:54321` */
  readonly origin: string;
  /** Answers without the network. */
  readonly gateway: Gateway;
  /** The parts that it is assembled from, to assemble some of them differently. */
  readonly parts: GatewayOptions;
  /** A key of the project. */
  readonly secret: string;
  /** Another project's key, to check isolation. */
  readonly foreignSecret: string;
  /** Sends a request to the server as given, with defaults for the key and the type. */
  send(request: TestRequest): Promise<Response>;
  /** Runs an operation over HTTP. */
  execute(
    document: string,
    variables?: Record<string, unknown>,
    secret?: string,
  ): Promise<TestResult>;
  sql(query: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export interface TestRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer> | object;
}

export interface TestResult {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test checks.
  readonly data: any;
  readonly errors: readonly TestError[];
}

export interface TestError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface TestGatewayOptions extends TestStoreOptions, Pick<GatewayOptions, 'execute'> {
  readonly logger?: Logger;
  readonly graphiql?: boolean;
  readonly corsOrigins?: readonly string[];
  readonly subgraph?: SubgraphConfig;
  readonly bodyBytesMax?: number;
  readonly idempotencyFallbackHeader?: string;
  readonly trustedDocuments?: TrustedDocumentsMode;
  readonly manifest?: Manifest;
  readonly requestsInFlightMax?: number;
  readonly operationBounds?: Partial<OperationBounds>;
  readonly readQueue?: Partial<ReadQueueOptions>;
  readonly lanes?: number;
  readonly tracing?: Tracing | null;
  /** Moves the clock that customer tokens are judged by. */
  readonly tokenClockOffsetMs?: () => number;
  /** Called with the name of each method of the read path that is used. */
  readonly onRead?: (method: string) => void;
}

export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const testStore = await createStore(options);
  const { store, projectId, database } = testStore;
  const { project: foreign } = await store.projects.ensure('foreign');
  const key = { name: 'test', scopes: SCOPES, lifetimeMs: null };
  const { secret } = await createKey(store.apiKeys, { ...key, projectId });
  const { secret: foreignSecret } = await createKey(store.apiKeys, {
    ...key,
    projectId: foreign.id,
  });
  const parts = partsOn(testStore, options);
  const gateway = createGateway(parts);
  const listener = await listen({
    handle: handleOf(gateway),
    host: '127.0.0.1',
    port: 0,
    drainTimeoutMs: 5_000,
  });
  const pool = openPool(database.url, 1);
  const client = createClient(listener.origin, secret);
  return {
    ...testStore,
    ...client,
    origin: listener.origin,
    gateway,
    parts,
    secret,
    foreignSecret,
    sql: async (query, values = []) => (await pool.query(query, [...values])).rows,
    close: async () => {
      await listener.close();
      await gateway.drain();
      await pool.end();
      await testStore.close();
    },
  };
}

const UNCACHED_KEYS = { ttlMs: 0, entriesMax: 1_000, monotonicMs };

/** As assembled by src/commands/serve.ts. */
function partsOn({ store }: TestStore, options: TestGatewayOptions): GatewayOptions {
  const { tracing = null } = options;
  return {
    ...(options.execute && { execute: options.execute }),
    ...(options.manifest && { manifest: options.manifest }),
    config: {
      ...GATEWAY_CONFIG,
      graphiql: options.graphiql ?? true,
      corsOrigins: options.corsOrigins ?? GATEWAY_CONFIG.corsOrigins,
      subgraph: options.subgraph ?? GATEWAY_CONFIG.subgraph,
      bodyBytesMax: options.bodyBytesMax ?? GATEWAY_CONFIG.bodyBytesMax,
      idempotencyFallbackHeader:
        options.idempotencyFallbackHeader ?? GATEWAY_CONFIG.idempotencyFallbackHeader,
      trustedDocuments: options.trustedDocuments ?? GATEWAY_CONFIG.trustedDocuments,
      requestsInFlightMax: options.requestsInFlightMax ?? GATEWAY_CONFIG.requestsInFlightMax,
      ...options.operationBounds,
    },
    store,
    tracing,
    readQueue: readQueueOn(
      {
        reads: options.onRead ? watched(store.reads, options.onRead) : store.reads,
        servers: store.servers,
      },
      { tracing, ...options.readQueue },
    ),
    writeQueue: createWriteQueue({
      ...WRITE_QUEUE,
      ...store.servers,
      store,
      lanes: options.lanes ?? 3,
      places: options.place === undefined ? (options.places ?? PLACES) : 1,
      tracing,
    }),
    authenticate: createAuthenticator({
      apiKeys: store.apiKeys,
      readToken: createCustomerTokens({
        tokenSecrets: store.tokenSecrets,
        ...UNCACHED_KEYS,
        wallClockMs: () => wallClockMs() + (options.tokenClockOffsetMs?.() ?? 0),
      }),
      ...UNCACHED_KEYS,
    }),
    isReady: () => store.ping().then(() => true),
    logger: options.logger ?? createLogger({ level: 'silent', readable: false }),
  };
}

function watched(reads: ReadPath, onCall: (method: string) => void): ReadPath {
  return new Proxy(reads, {
    get: (target, name) => {
      onCall(String(name));
      return Reflect.get(target, name);
    },
  });
}

function createClient(origin: string, key: string): Pick<TestGateway, 'send' | 'execute'> {
  const send: TestGateway['send'] = ({ method = 'POST', path = '/graphql', headers, body }) =>
    fetch(`${origin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        accept: 'application/json',
        ...headers,
      },
      ...(body !== undefined && {
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      }),
    });
  return {
    send,
    execute: async (query, variables, secret = key) => {
      const body = JSON.stringify({ query, variables });
      const response = await send({ body, headers: { authorization: `Bearer ${secret}` } });
      const answer: Partial<TestResult> = JSON.parse(await response.text());
      return { status: response.status, data: answer.data ?? null, errors: answer.errors ?? [] };
    },
  };
}
