import { units } from '../../../src/domain/quantity.js';
import { EVERY_SCOPE } from '../../../src/meter/access/scopes.js';
import { type CreateBalanceInput, createBalance } from '../../../src/meter/balance.js';
import type { Store } from '../../../src/meter/store.js';
import { type TrackBalanceInput, trackBalance } from '../../../src/meter/track-balance.js';
import type { VerbContext } from '../../../src/meter/verb.js';
import type { WritePath } from '../../../src/meter/write/write-path.js';
import { createWriteQueue } from '../../../src/meter/write/write-queue.js';
import { monotonicMs } from '../../../src/platform/clock.js';

/** The context of verbs, with a single lane, so that concurrent calls form one batch. */
export function verbContext(store: Store, projectId: string): VerbContext {
  const writeQueue = createWriteQueue({
    store,
    lanes: 1,
    poolMax: 10,
    batchItemsMax: 500,
    batchBytesMax: 4_000_000,
    queueItemsMax: 10_000,
    queueWaitMaxMs: 60_000,
    cachedBalancesMax: 10_000,
    monotonicMs,
  });
  return { caller: { projectId, scopes: EVERY_SCOPE }, store, writeQueue };
}

/** Reports every call of the write path. */
export function watched(store: Store, called: (name: keyof WritePath) => void): Store {
  return {
    ...store,
    catalog: (projectId) => {
      called('catalog');
      return store.catalog(projectId);
    },
    load: (requests) => {
      called('load');
      return store.load(requests);
    },
    commit: (...args) => {
      called('commit');
      return store.commit(...args);
    },
    transaction: (...args) => {
      called('transaction');
      return store.transaction(...args);
    },
  };
}

/** Grants a hundred messages without expiry to a customer or one of its entities, with these changes. */
export function grantMessages(
  ctx: VerbContext,
  customerId: string,
  entityId: string | null = null,
  more: Partial<CreateBalanceInput> = {},
) {
  return createBalance(ctx, {
    customerId,
    balanceId: null,
    featureId: 'messages',
    entityId,
    granted: units(100),
    unlimited: false,
    priority: 0,
    reset: null,
    startsAt: null,
    expiresAt: null,
    overageAllowed: null,
    overageLimit: null,
    idempotencyKey: null,
    ...more,
  });
}

/** Tracks one message, with these changes. */
export function trackMessage(
  ctx: VerbContext,
  customerId: string,
  more: Partial<TrackBalanceInput> = {},
) {
  return trackBalance(ctx, {
    customerId,
    featureId: 'messages',
    eventName: null,
    value: units(1),
    properties: null,
    idempotencyKey: null,
    entityId: null,
    timestamp: null,
    overageBehavior: 'CAP',
    ...more,
  });
}
