import { Distribution, ITEMS, SECONDS } from '../../platform/distribution.js';
import { Tally } from '../../platform/tally.js';
import type { CatalogFigures } from '../catalog-cache.js';
import type { NeighbourFigures } from '../neighbours/neighbour.js';

/** What the write queue has counted since its start, per batch or statement, not per call. */
export class WriteFigures {
  /** Commands of each batch, and how long it took until each of them had its result. */
  readonly batchCommands = new Distribution(ITEMS);
  readonly batchSeconds = new Distribution(SECONDS);
  /** Of what is asked of the database, retries included. */
  readonly storeSeconds = {
    load: new Distribution(SECONDS),
    commit: new Distribution(SECONDS),
    transaction: new Distribution(SECONDS),
  };
  /** Customers of batches, by how they were decided at first. */
  readonly customers = new Tally<Way>(WAYS);
  readonly guardFailures = new Tally<GuardCause>(GUARD_CAUSES);
  /** Commands that were answered with the first result of their key. */
  replays = 0;
  /** Commands that were sent to another gateway, by what has become of them. */
  readonly forwarded = new Tally<Forwarded>(FORWARDED);
  /** Commands that other gateways have sent. */
  ofNeighbours = 0;
}

/** Answered by the other gateway; decided again here, or lost, because the connection was. */
export const FORWARDED = ['answered', 'decided_again', 'lost'] as const;
export type Forwarded = (typeof FORWARDED)[number];

/** On the cache, on what was read first, under a lock, or as one that was locked elsewhere or that gives way. */
export const WAYS = ['cached', 'loaded', 'locking', 'locked', 'yielding'] as const;
export type Way = (typeof WAYS)[number];

/** Why the guard of a commit did not hold, as far as the next read of the customer shows. */
export const GUARD_CAUSES = [
  'customer_changed',
  'customer_locked',
  'catalog_changed',
  'key_used',
  'clock',
] as const;
export type GuardCause = (typeof GUARD_CAUSES)[number];

/** The same, and the state of the queue now. */
export interface WriteQueueFigures extends WriteFigures {
  /** Commands that wait or are being committed, here or by another gateway, and how many there may be. */
  readonly queued: number;
  readonly queuedMax: number;
  /** How long the one that has waited longest has waited; 0 if none waits. */
  readonly oldestWaitMs: number;
  readonly lanes: number;
  readonly lanesBusy: number;
  /** The cached accounts, and what they take of what the cache may take. */
  readonly cachedAccounts: number;
  readonly cachedWeight: number;
  readonly cachedWeightMax: number;
  readonly catalogs: CatalogFigures;
  readonly neighbours: NeighbourFigures;
}
