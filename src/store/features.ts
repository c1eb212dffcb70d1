import { present } from '../domain/assert.js';
import type { CreditCost } from '../domain/feature.js';
import { quantityToText } from '../domain/quantity.js';
import { Prisma, type PrismaClient } from '../generated/prisma/client.js';
import type { Nouns, StoredFeature } from '../meter/store.js';
import { nowPlus, quantityFromDecimal } from './codec.js';
import type { StoreContext } from './context.js';

type Features = Pick<Nouns, 'createFeature' | 'updateFeature' | 'feature'>;
type Client = Pick<PrismaClient, 'feature' | 'creditCost' | '$executeRaw' | '$queryRaw'>;

const WITH_COSTS = {
  creditCosts: { orderBy: { featureId: 'asc' } },
} as const satisfies Prisma.FeatureInclude;

type FeatureRow = Prisma.FeatureGetPayload<{ include: typeof WITH_COSTS }>;

export function features({ prisma, clockOffsetMs, read, transaction }: StoreContext): Features {
  return {
    createFeature: (projectId, { id, name, type, eventNames, creditCosts }, featuresMax) =>
      transaction(async (tx) => {
        await lockCatalog(tx, projectId);
        const count = await tx.$executeRaw`INSERT INTO features
            (project_id, id, name, type, event_names, created_at, updated_at)
          SELECT ${projectId}::uuid, ${id}, ${name}, ${type}::feature_type,
            ${eventNames}::text[], clock.now, clock.now
          FROM (SELECT ${nowPlus(clockOffsetMs())} AS now) AS clock
          WHERE (SELECT count(*) FROM features WHERE project_id = ${projectId}::uuid) < ${featuresMax}
          ON CONFLICT DO NOTHING`;
        if (count === 0) return null;
        await insertCosts(tx, projectId, id, creditCosts);
        await countChange(tx, projectId);
        return present(await find(tx, projectId, id), 'a feature is there once it is inserted');
      }),
    updateFeature: (projectId, id, { name, eventNames, creditCosts }) =>
      transaction(async (tx) => {
        await lockCatalog(tx, projectId);
        const changes = [
          ...(name === undefined ? [] : [Prisma.sql`name = ${name}`]),
          ...(eventNames === undefined ? [] : [Prisma.sql`event_names = ${eventNames}::text[]`]),
          Prisma.sql`updated_at = ${nowPlus(clockOffsetMs())}`,
        ];
        const count = await tx.$executeRaw`UPDATE features SET ${Prisma.join(changes)}
          WHERE project_id = ${projectId}::uuid AND id = ${id}`;
        if (count === 0) return null;
        if (creditCosts !== undefined) {
          await tx.creditCost.deleteMany({ where: { projectId, creditSystemId: id } });
          await insertCosts(tx, projectId, id, creditCosts);
        }
        await countChange(tx, projectId);
        return find(tx, projectId, id);
      }),
    feature: (projectId, id) => read(() => find(prisma, projectId, id)),
  };
}

/** Takes turns with other changes of the catalogue; new customers, which refer to the row, do not wait. */
async function lockCatalog(tx: Client, projectId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM projects WHERE id = ${projectId}::uuid FOR NO KEY UPDATE`;
}

/**
 * From now on, decisions made on the previous catalogue are not committed. The step is random, because after a failover to
 * a server that had not received the last change, the next one must not get the same version.
 */
async function countChange(tx: Client, projectId: string): Promise<void> {
  await tx.$executeRaw`UPDATE projects
    SET catalog_version = catalog_version + 1 + (random() * 1000000)::bigint
    WHERE id = ${projectId}::uuid`;
}

async function insertCosts(
  tx: Client,
  projectId: string,
  creditSystemId: string,
  costs: readonly CreditCost[],
): Promise<void> {
  if (costs.length === 0) return;
  await tx.creditCost.createMany({
    data: costs.map(({ featureId, cost }) => ({
      projectId,
      creditSystemId,
      featureId,
      cost: quantityToText(cost),
    })),
  });
}

async function find(tx: Client, projectId: string, id: string): Promise<StoredFeature | null> {
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
    creditCosts: row.creditCosts.map(({ featureId, cost }) => ({
      featureId,
      cost: quantityFromDecimal(cost),
    })),
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
  };
}
