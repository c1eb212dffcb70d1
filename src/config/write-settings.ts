import { z } from 'zod';
import { about, whole } from './setting.js';

/** How calls that write are queued and committed. */
export interface WriteConfig {
  readonly lanes: number;
  readonly queueItemsMax: number;
  readonly queueWaitMaxMs: number;
  readonly batchItemsMax: number;
  readonly batchBytesMax: number;
  readonly cachedBalancesMax: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

const LANES_MAX = 256;

export const writeSettings = {
  LANES: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .refine((lanes) => lanes >= 1 && lanes <= LANES_MAX)
    .optional()
    .register(about, {
      default: '',
      allowed: `1 to ${LANES_MAX}`,
      meaning:
        'Batches that may be in flight at once, fewer than `DATABASE_POOL_MAX`. Each takes a connection, ' +
        'sometimes a few. By default 2, but 1 in each of several workers with `FORWARD=on`, and always as many for each of `PLACES`.',
    }),
  QUEUE_ITEMS_MAX: whole({
    default: 10_000,
    min: 1,
    max: 1_000_000,
    meaning:
      'How many calls may be queued or being committed, nine tenths of them from one project; more are ' +
      'answered with `OVERLOADED`.',
  }),
  QUEUE_WAIT_MAX_MS: whole({
    default: 2_000,
    min: 10,
    max: 60_000,
    meaning: 'If calls wait longer than this, further ones are answered with `OVERLOADED`.',
  }),
  BATCH_ITEMS_MAX: whole({
    default: 500,
    min: 1,
    max: 10_000,
    meaning: 'The maximum number of calls in one batch.',
  }),
  BATCH_BYTES_MAX: whole({
    default: 4 * MIB,
    min: 128 * KIB,
    max: 256 * MIB,
    meaning: 'The maximum size of the calls in one batch, in bytes; a single call may exceed it.',
  }),
  CACHED_BALANCES_MAX: whole({
    default: 100_000,
    min: 0,
    max: 10_000_000,
    meaning: 'Balances cached between batches, checks and reads, at about 1 KiB of memory each.',
  }),
};

/** Workers that send each other usage share their customers out, so that more lanes would only make batches small. */
export function lanesOf({ LANES, PLACES, WORKERS, FORWARD }: LanesEnvironment): number {
  const lanes = LANES ?? (WORKERS > 1 && FORWARD === 'on' ? 1 : 2);
  // As many for each place.
  return Math.ceil(lanes / PLACES) * PLACES;
}

interface LanesEnvironment {
  readonly LANES?: number | undefined;
  readonly PLACES: number;
  readonly WORKERS: number;
  readonly FORWARD: 'on' | 'off';
}

interface WriteEnvironment extends LanesEnvironment {
  readonly QUEUE_ITEMS_MAX: number;
  readonly QUEUE_WAIT_MAX_MS: number;
  readonly BATCH_ITEMS_MAX: number;
  readonly BATCH_BYTES_MAX: number;
  readonly CACHED_BALANCES_MAX: number;
}

export function writeConfigOf(environment: WriteEnvironment): WriteConfig {
  return {
    lanes: lanesOf(environment),
    queueItemsMax: environment.QUEUE_ITEMS_MAX,
    queueWaitMaxMs: environment.QUEUE_WAIT_MAX_MS,
    batchItemsMax: environment.BATCH_ITEMS_MAX,
    batchBytesMax: environment.BATCH_BYTES_MAX,
    cachedBalancesMax: environment.CACHED_BALANCES_MAX,
  };
}
