/**
 * Baseline (b), the ceiling: Tollgate's built listener, HTTP stack, authentication and schema, on verbs that answer a
 * constant at once. No faster write path could save its cost.
 */

import { OPERATION_LOG } from '../../../src/config/log-settings.js';
import { OPERATION_BOUNDS } from '../../../src/config/operation-bounds.js';
import type { Account, FeatureBalance } from '../../../src/domain/account.js';
import type { Balance, ResetRule } from '../../../src/domain/balance.js';
import type { ApiKeys } from '../../../src/meter/access/keys.js';
import { SCOPES } from '../../../src/meter/access/scopes.js';
import type { ReadPath } from '../../../src/meter/read/read-path.js';
import type { Customer, Store } from '../../../src/meter/store.js';
import type { TrackBalance } from '../../../src/meter/track-balance.js';
import { createAccountCache } from '../../../src/meter/write/account-cache.js';
import type { WriteQueue } from '../../../src/meter/write/write-queue.js';
import { uuidV7 } from '../../../src/platform/id.js';
import { JsonText } from '../../../src/platform/json-text.js';
import { oneStep } from '../../../src/platform/steps.js';
import { built } from '../built.js';
import { API_CALLS, GRANTS, type Grant } from '../fill/families.js';
import { report } from './serve.js';

const DAY_MS = 86_400_000;
const UNITS = 10_000_000_000n;
const BODY_BYTES_MAX = 2 * 1024 * 1024;

const now = Date.now();
const projectId = process.env['BENCH_PROJECT'] ?? '';
const scope = { projectId, customerKey: uuidV7() };

const { createGateway } = await built<typeof import('../../../src/gateway.js')>('gateway.js');
const { listen } = await built<typeof import('../../../src/http/listener.js')>('http/listener.js');
const { createAuthenticator } = await built<
  typeof import('../../../src/meter/access/authenticate.js')
>('meter/access/authenticate.js');
const { createReadQueue } = await built<typeof import('../../../src/meter/read/read-queue.js')>(
  'meter/read/read-queue.js',
);
const { createLogger } =
  await built<typeof import('../../../src/platform/logger.js')>('platform/logger.js');

const gateway = createGateway({
  config: {
    ...OPERATION_BOUNDS,
    ...OPERATION_LOG,
    graphiql: false,
    corsOrigins: null,
    idempotencyFallbackHeader: null,
    subgraph: { typePrefix: 'Tollgate', fieldPrefix: '' },
    trustedDocuments: 'allow',
    metricsOperations: [],
    bodyBytesMax: BODY_BYTES_MAX,
    requestsInFlightMax: 768,
  },
  store: noStore(),
  readQueue: createReadQueue({
    path: constantReads(),
    inFlightMax: 4,
    inFlightPerProjectMax: 2,
    waitingPerProjectMax: 50_000,
    waitMaxMs: 5_000,
    monotonicMs: () => performance.now(),
  }),
  writeQueue: constantWriteQueue(),
  authenticate: createAuthenticator({
    apiKeys: everyKey(),
    ttlMs: 5_000,
    entriesMax: 10_000,
    monotonicMs: () => performance.now(),
  }),
  logger: createLogger({ level: 'warn', readable: false }),
  isReady: async () => true,
});
const { origin } = await listen({
  handle: gateway.handle,
  host: '127.0.0.1',
  port: 0,
  drainTimeoutMs: 1_000,
});
report(Number(new URL(origin).port));

function constantWriteQueue(): WriteQueue {
  const result = Promise.resolve({ ok: true, value: tracked() });
  const closed = { pass: unused, leave: unused, expire: unused };
  return {
    catalogs: { get: unused, find: unused, refresh: unused, delete: unused, figures: unused },
    accounts: createAccountCache({ balancesMax: 0 }),
    gates: { management: closed, customers: () => closed },
    submit: () => asResult(result),
    take: unused,
    isOverloaded: () => false,
    figures: unused,
    drain: async () => undefined,
  };
}

function unused(): never {
  throw new Error('no call of the benchmark reads a catalogue');
}

/** The load only sends `trackBalance`, so the result of every command is a `TrackBalance`. */
function asResult<T>(result: Promise<unknown>): T {
  return result as T;
}

function tracked(): TrackBalance {
  const [grant] = GRANTS.plain;
  if (grant === undefined) throw new Error('plain customers hold a balance');
  const balance = featureBalanceOf(balanceOf(grant));
  const deductions = [{ balanceId: uuidV7(), featureId: API_CALLS, amount: UNITS }];
  return {
    scope,
    customerId: 'plain-0000000',
    value: UNITS,
    replayed: false,
    balance,
    balances: [balance],
    deductions,
    unapplied: [],
    event: {
      ...scope,
      id: uuidV7(),
      entityId: null,
      featureId: API_CALLS,
      eventName: null,
      value: UNITS,
      properties: null,
      occurredAt: now,
      recordedAt: now,
      idempotencyKey: null,
      outcome: { deductions, unapplied: [] },
      voided: null,
      amendsId: null,
    },
  };
}

/** Only what the reads of the workload use; anything else would be a mistake in the benchmark. */
function constantReads(): ReadPath {
  const customer: Customer = {
    ...scope,
    id: 'reader-0000000',
    name: null,
    email: null,
    deletedAt: null,
    metadata: JsonText.of({}),
    createdAt: now,
    updatedAt: now,
  };
  const account: Account = {
    customerKey: scope.customerKey,
    customerId: customer.id,
    version: 1,
    balances: GRANTS.reader.map(balanceOf),
    holds: [],
    ended: new Map(),
    entities: new Map(),
  };
  const standing = { now, catalogVersion: 1, account, rows: 0 };
  const reads: Reads = {
    customers: async (_projectId, keys) => keys.map(() => oneStep(() => customer)),
    standings: async (_projectId, addresses) => addresses.map(() => oneStep(() => standing)),
  };
  return asReads(reads);
}

type Reads = Pick<ReadPath, 'customers' | 'standings'>;

/** A call of any other method is a TypeError, which the load counts as a failure. */
function asReads(reads: Reads): ReadPath {
  return reads as ReadPath;
}

/** No verb of the loads calls it. */
function noStore(): Store {
  return {} as Store;
}

function everyKey(): Pick<ApiKeys, 'valid'> {
  const key = { id: projectId, projectId, scopes: SCOPES, expiresAt: null };
  return { valid: async (hashes) => hashes.map((hash) => ({ ...key, hash })) };
}

function balanceOf(grant: Grant): Balance {
  const createdAt = now - (grant.ageHours / 24) * DAY_MS;
  const reset = resetOf(grant, createdAt);
  return {
    id: uuidV7(),
    givenId: null,
    featureId: grant.feature,
    entityId: grant.entity,
    unlimited: grant.unlimited,
    granted: BigInt(grant.granted) * UNITS,
    used: 0n,
    reserved: 0n,
    rollovers: [],
    priority: 0,
    reset,
    nextResetAt:
      reset === null ? null : createdAt + (grant.resetInterval === 'DAY' ? 1 : 28) * DAY_MS,
    resetChange: null,
    startsAt: null,
    expiresAt: grant.lifetimeDays === null ? null : now + grant.lifetimeDays * DAY_MS,
    expiredAt: null,
    overageAllowed: false,
    overageLimit: null,
    createdAt,
    ledgerSeq: 1,
  };
}

function resetOf({ resetInterval, rolloverMax }: Grant, anchor: number): ResetRule | null {
  if (resetInterval === null) return null;
  return {
    interval: { unit: resetInterval, count: 1 },
    anchor,
    timeZone: null,
    rollover:
      rolloverMax === null
        ? null
        : { max: { kind: 'AMOUNT', amount: BigInt(rolloverMax) * UNITS }, keep: null },
    carryOverage: false,
  };
}

function featureBalanceOf(balance: Balance): FeatureBalance {
  return {
    featureId: balance.featureId,
    granted: balance.granted,
    remaining: balance.granted - UNITS,
    usage: UNITS,
    overage: 0n,
    reserved: 0n,
    unlimited: false,
    overageAllowed: false,
    nextResetAt: balance.nextResetAt,
    breakdown: [balance],
  };
}
