import type { Balance } from '../domain/balance.js';
import { type Catalog, catalogOf } from '../domain/feature.js';
import { quantityFromText, quantityToText } from '../domain/quantity.js';
import { UnavailableError } from '../domain/unavailable.js';
import type { Prisma, PrismaClient } from '../generated/prisma/client.js';
import type { CustomerScope } from '../meter/store.js';
import type { Transaction, WritePath } from '../meter/write/write-path.js';
import { rolloversToJson } from './account-rows.js';
import { commitChanges } from './commit.js';
import { commitParameters } from './commit-parameters.js';
import { sqlStateOf } from './failure.js';
import { load, lockAndLoad } from './load.js';
import { rawClient } from './raw.js';
import { retrying } from './retry.js';

export interface WritePathOptions {
  readonly prisma: PrismaClient;
  /** Shifts the database's clock, for tests; 0 otherwise. */
  readonly clockOffsetMs: () => number;
  /** How long a transaction may wait for a connection. */
  readonly acquireTimeoutMs: number;
  /** How long a transaction may take. */
  readonly transactionTimeoutMs: number;
}

/** The statements that all usage goes through: design section 6. */
export function createWritePath(options: WritePathOptions): WritePath {
  const { prisma, clockOffsetMs } = options;
  const client = rawClient(prisma);
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
      ),
    async commit(changes) {
      const parameters = commitParameters(changes);
      return retrying(
        () => commitChanges(client, changes, parameters, clockOffsetMs()),
        // The statement commits by itself, so once it may have been sent nobody knows.
        () => true,
      ).catch(unknownUnlessRefused);
    },
    async transaction(run) {
      let decided = false;
      return retrying(
        () => {
          decided = false;
          return prisma.$transaction(
            async (transaction) => {
              const result = await run(transactionOf(transaction, clockOffsetMs));
              decided = true;
              return result;
            },
            {
              maxWait: options.acquireTimeoutMs,
              timeout: options.transactionTimeoutMs,
            },
          );
        },
        () => decided,
      );
    },
  };
}

/**
 * An error that is not PostgreSQL's own, such as an answer that can't be read, may follow a commit. It must not pass for
 * a refusal of the database, upon which items are tried again one by one.
 */
function unknownUnlessRefused(error: unknown): never {
  if (error instanceof UnavailableError || sqlStateOf(error) !== null) throw error;
  throw new UnavailableError('OUTCOME_UNKNOWN', error);
}

function transactionOf(
  transaction: Prisma.TransactionClient,
  clockOffsetMs: () => number,
): Transaction {
  const client = rawClient(transaction);
  return {
    load: (wanted, options) =>
      lockAndLoad(client, wanted, { ...options, clockOffsetMs: clockOffsetMs() }),
    commit: (changes) => commitChanges(client, changes, commitParameters(changes), clockOffsetMs()),
    async insertBalances(scope, balances) {
      await transaction.balance.createMany({ data: balances.map((b) => balanceRow(scope, b)) });
    },
    async saveEntity({ customerKey, projectId }, entity, now) {
      const row = {
        name: entity.name,
        metadata: jsonInput(entity.metadata),
        createdAt: new Date(now),
        deletedAt: null,
      };
      await transaction.entity.upsert({
        where: { customerKey_id: { customerKey, id: entity.id }, projectId },
        create: { customerKey, projectId, id: entity.id, ...row },
        update: row,
      });
    },
    async deleteEntity({ customerKey, projectId }, id, now) {
      await transaction.entity.update({
        where: { customerKey_id: { customerKey, id }, projectId },
        data: { deletedAt: new Date(now) },
      });
    },
  };
}

/** Metadata has been checked to be JSON by the input's rules. */
function jsonInput(value: object): Prisma.InputJsonValue {
  return value as Prisma.InputJsonValue;
}

function balanceRow(scope: CustomerScope, balance: Balance): Prisma.BalanceCreateManyInput {
  const { reset } = balance;
  const max = reset?.rollover?.max ?? null;
  const keep = reset?.rollover?.keep ?? null;
  return {
    ...scope,
    id: balance.id,
    featureId: balance.featureId,
    entityId: balance.entityId,
    unlimited: balance.unlimited,
    granted: quantityToText(balance.granted),
    used: quantityToText(balance.used),
    rollovers: jsonInput(rolloversToJson(balance.rollovers)),
    priority: balance.priority,
    resetInterval: reset?.interval.unit ?? null,
    resetIntervalCount: reset?.interval.count ?? null,
    resetAnchor: dateOf(reset?.anchor ?? null),
    nextResetAt: dateOf(balance.nextResetAt),
    rolloverEnabled: reset !== null && reset.rollover !== null,
    rolloverMax: max?.kind === 'AMOUNT' ? quantityToText(max.amount) : null,
    rolloverMaxPercent: max?.kind === 'PERCENT' ? quantityToText(max.percent) : null,
    rolloverInterval: keep?.unit ?? null,
    rolloverIntervalCount: keep?.count ?? null,
    carryOverage: reset?.carryOverage ?? false,
    startsAt: dateOf(balance.startsAt),
    expiresAt: dateOf(balance.expiresAt),
    expiredAt: dateOf(balance.expiredAt),
    overageAllowed: balance.overageAllowed,
    overageLimit: balance.overageLimit === null ? null : quantityToText(balance.overageLimit),
    ledgerSeq: balance.ledgerSeq,
    createdAt: new Date(balance.createdAt),
  };
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

/** The version is read first: features that change in between make the guard of the commit fail, not a decision wrong. */
async function readCatalog(prisma: PrismaClient, projectId: string): Promise<Catalog> {
  const project = await prisma.project.findUniqueOrThrow({ where: { id: projectId } });
  const features = await prisma.feature.findMany({
    where: { projectId },
    include: { creditCosts: { orderBy: { featureId: 'asc' } } },
    orderBy: { id: 'asc' },
  });
  return catalogOf(
    Number(project.catalogVersion),
    features.map(({ id, name, type, eventNames, creditCosts }) => ({
      id,
      name,
      type,
      eventNames,
      creditCosts: creditCosts.map(({ featureId, cost }) => ({
        featureId,
        cost: quantityFromText(cost.toFixed()),
      })),
    })),
  );
}
