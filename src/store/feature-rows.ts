/** The rows of the catalogue, for the files that change them. */
import type { CreditCost } from '../domain/feature.js';
import { Prisma, type PrismaClient } from '../generated/prisma/client.js';
import type { StoredFeature } from '../meter/store.js';
import { creditCostRows, creditCostsOfRow } from './credit-costs.js';

export type CatalogClient = Pick<
  PrismaClient,
  'feature' | 'creditCost' | '$executeRaw' | '$queryRaw' | '$queryRawUnsafe'
>;

const WITH_COSTS = {
  creditCosts: { orderBy: { featureId: 'asc' } },
} as const satisfies Prisma.FeatureInclude;

type FeatureRow = Prisma.FeatureGetPayload<{ include: typeof WITH_COSTS }>;

/**
 * Takes turns with other changes of the catalogue, and returns its version; new customers, which refer to the row, do not wait.
 */
export async function lockCatalog(tx: CatalogClient, projectId: string): Promise<number> {
  const [project] = await tx.$queryRaw<{ version: bigint }[]>`SELECT catalog_version AS version
    FROM projects WHERE id = ${projectId}::uuid FOR NO KEY UPDATE`;
  return Number(project?.version ?? -1);
}

/**
 * From now on, decisions made on the previous catalogue are not committed. The step is random, because after a failover to
 * a server that had not received the last change, the next one must not get the same version.
 */
export async function countChange(tx: CatalogClient, projectId: string): Promise<void> {
  await tx.$executeRaw`UPDATE projects
    SET catalog_version = catalog_version + 1 + (random() * 1000000)::bigint
    WHERE id = ${projectId}::uuid`;
}

export async function insertCosts(
  tx: CatalogClient,
  projectId: string,
  creditSystemId: string,
  costs: readonly CreditCost[],
): Promise<void> {
  if (costs.length === 0) return;
  await tx.creditCost.createMany({
    data: creditCostRows(costs).map(({ featureId, cost, prices }) => ({
      projectId,
      creditSystemId,
      featureId,
      cost,
      prices: prices === null ? Prisma.DbNull : { ...prices },
    })),
  });
}

export async function findFeature(
  tx: CatalogClient,
  projectId: string,
  id: string,
): Promise<StoredFeature | null> {
  const row = await tx.feature.findUnique({
    where: { projectId_id: { projectId, id } },
    include: WITH_COSTS,
  });
  return row === null ? null : featureFromRow(row);
}

function featureFromRow(row: FeatureRow): StoredFeature {
  return {
    projectId: row.projectId,
    id: row.id,
    name: row.name,
    type: row.type,
    eventNames: row.eventNames,
    isArchived: row.archivedAt !== null,
    creditCosts: row.creditCosts.flatMap(creditCostsOfRow),
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
    archivedAt: row.archivedAt?.getTime() ?? null,
  };
}
