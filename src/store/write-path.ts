import { type Catalog, catalogOf } from '../domain/feature.js';
import type { Prisma, PrismaClient } from '../generated/prisma/client.js';
import type { Transaction, WritePath } from '../meter/write/write-path.js';
import { ClosedWait } from './closed-wait.js';
import { nowPlus } from './codec.js';
import { commitStatement, runCommit } from './commit.js';
import { creditCostsOfRow } from './credit-costs.js';
import { CUSTOMERS, isCustomer } from './customer-row.js';
import { firstProgress } from './erasure.js';
import { load, lockAndLoad } from './load.js';
import type { Place } from './placed.js';
import { rawClient } from './raw.js';
import { retrying } from './retry.js';

export interface WritePathOptions {
  readonly prisma: PrismaClient;
  /** Where the customers are. */
  readonly place: Place;
  /** Shifts the database's clock, for tests; 0 otherwise. */
  readonly clockOffsetMs: () => number;
  /** How long a transaction may wait for a connection. */
  readonly acquireTimeoutMs: number;
  /** How long a transaction may take. */
  readonly transactionTimeoutMs: number;
  /** Of the place, if others share it. */
  readonly closedWait?: ClosedWait;
}

/** The statements through which all usage is written: design section 6. */
export function createWritePath(options: WritePathOptions): WritePath {
  const { prisma, place, clockOffsetMs, closedWait = new ClosedWait() } = options;
  const client = rawClient(prisma, place);
  return {
    catalog: (projectId) =>
      retrying(
        () => readCatalog(prisma, projectId),
        () => false,
      ),
    load: (wanted) =>
      retrying(
        () => load(client, wanted, clockOffsetMs()),
        () => false,
        closedWait,
      ),
    async commit(changes, nextVersion) {
      const statement = commitStatement(changes, nextVersion);
      return retrying(
        () => runCommit(client, changes, statement, clockOffsetMs()),
        // The statement commits by itself, so once it may have been sent, the outcome is unknown.
        () => true,
        closedWait,
      );
    },
    async transaction(_customerKey, run) {
      let decided = false;
      return retrying(
        () => {
          decided = false;
          return prisma.$transaction(
            async (transaction) => {
              const result = await run(transactionOf(transaction, options));
              decided = true;
              return result;
            },
            {
              // Longer than the pool's own limit, whose error says more.
              maxWait: 2 * options.acquireTimeoutMs,
              timeout: options.transactionTimeoutMs,
            },
          );
        },
        () => decided,
        closedWait,
      );
    },
  };
}

function transactionOf(
  transaction: Prisma.TransactionClient,
  { place, clockOffsetMs }: WritePathOptions,
): Transaction {
  const client = rawClient(transaction, place);
  return {
    load: (wanted, options) =>
      lockAndLoad(client, wanted, { ...options, clockOffsetMs: clockOffsetMs() }),
    commit: (changes, nextVersion) =>
      runCommit(client, changes, commitStatement(changes, nextVersion), clockOffsetMs()),
    deleteCustomer: async (scope, { id, salt }) => {
      // No commit gives this version, so that each decision on the customer is stale, and no other may follow.
      await transaction.$executeRaw`UPDATE ${CUSTOMERS.raw(place)} SET id = ${id}, name = NULL, email = NULL,
          metadata = '{}', version = -1, erasure = ${firstProgress(salt)}::jsonb,
          deleted_at = ${nowPlus(clockOffsetMs())}, updated_at = ${nowPlus(clockOffsetMs())}
        WHERE ${isCustomer(scope)}`;
    },
  };
}

/** The version is read first: if features change in between, the guard of the commit fails, and no decision is wrong. */
async function readCatalog(prisma: PrismaClient, projectId: string): Promise<Catalog> {
  const project = await prisma.project.findUniqueOrThrow({ where: { id: projectId } });
  const features = await prisma.feature.findMany({
    where: { projectId },
    include: { creditCosts: { orderBy: { featureId: 'asc' } } },
    orderBy: { id: 'asc' },
  });
  return catalogOf(
    Number(project.catalogVersion),
    features.map(({ id, name, type, eventNames, creditCosts, archivedAt }) => ({
      id,
      name,
      type,
      eventNames,
      isArchived: archivedAt !== null,
      creditCosts: creditCosts.flatMap(creditCostsOfRow),
    })),
  );
}
