import type { Prisma, PrismaClient } from '../generated/prisma/client.js';
import { ClosedWait } from './closed-wait.js';
import type { Place } from './placed.js';
import { type RawClient, rawClient } from './raw.js';
import { retrying } from './retry.js';

export interface ContextOptions {
  readonly prisma: PrismaClient;
  /** Where the customers are. */
  readonly place: Place;
  /** Shifts the database's clock, for tests; 0 otherwise. */
  readonly clockOffsetMs: () => number;
  /** Where a place can move: how calls wait for it. */
  readonly closedWait?: ClosedWait;
}

/** What the files of the nouns share: the clients, and how failures of each kind of call are reported. */
export interface StoreContext extends ContextOptions {
  readonly client: RawClient;
  readonly closedWait: ClosedWait;
  read<T>(work: () => Promise<T>): Promise<T>;
  /** For statements that commit on their own and may be repeated. */
  write<T>(work: () => Promise<T>): Promise<T>;
  transaction<T>(work: (transaction: Prisma.TransactionClient) => Promise<T>): Promise<T>;
}

/** Does something where a place is, which may be repeated on another server if it moves. */
export type InPlace = <Result>(work: (context: StoreContext) => Promise<Result>) => Promise<Result>;

export function createContext({
  prisma,
  place,
  clockOffsetMs,
  closedWait = new ClosedWait(),
}: ContextOptions): StoreContext {
  return {
    closedWait,
    prisma,
    place,
    client: rawClient(prisma, place),
    clockOffsetMs,
    read: (work) => retrying(work, () => false, closedWait),
    write: (work) => retrying(work, () => true, closedWait),
    transaction: async (work) => {
      let committing = false;
      return retrying(
        () => {
          committing = false;
          return prisma.$transaction(async (transaction) => {
            const result = await work(transaction);
            committing = true;
            return result;
          });
        },
        // A transaction ends with its connection: until COMMIT is sent, its outcome is known.
        () => committing,
        closedWait,
      );
    },
  };
}
