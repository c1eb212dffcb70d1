import { present } from '../domain/assert.js';
import { Prisma } from '../generated/prisma/client.js';
import type { Nouns } from '../meter/store.js';
import { nowPlus } from './codec.js';
import type { StoreContext } from './context.js';
import { countChange, findFeature, insertCosts, lockCatalog } from './feature-rows.js';
import { removedOf } from './removed-features.js';

type Features = Pick<Nouns, 'createFeature' | 'updateFeature' | 'archiveFeature' | 'feature'>;

export function features({ prisma, clockOffsetMs, read, transaction }: StoreContext): Features {
  return {
    createFeature: (projectId, { id, name, type, eventNames, creditCosts }, featuresMax, basedOn) =>
      transaction(async (tx) => {
        const version = await lockCatalog(tx, projectId);
        if (basedOn !== undefined && basedOn !== version) return 'STALE';
        if ((await removedOf(tx, projectId, id)) !== null) return 'BEING_DELETED';
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
        const created = await findFeature(tx, projectId, id);
        return present(created, 'a feature is there once it is inserted');
      }),
    updateFeature: (projectId, id, { name, eventNames, creditCosts }, basedOn) =>
      transaction(async (tx) => {
        const version = await lockCatalog(tx, projectId);
        if (basedOn !== undefined && basedOn !== version) return 'STALE';
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
        return findFeature(tx, projectId, id);
      }),
    archiveFeature: (projectId, id, archived) =>
      transaction(async (tx) => {
        await lockCatalog(tx, projectId);
        const count = await tx.$executeRaw`UPDATE features
          SET archived_at = CASE WHEN ${archived} THEN clock.now END, updated_at = clock.now
          FROM (SELECT ${nowPlus(clockOffsetMs())} AS now) AS clock
          WHERE project_id = ${projectId}::uuid AND id = ${id} AND (archived_at IS NULL) = ${archived}`;
        if (count > 0) await countChange(tx, projectId);
        return findFeature(tx, projectId, id);
      }),
    feature: (projectId, id) => read(() => findFeature(prisma, projectId, id)),
  };
}
