/** Deletes a feature that nothing has ever used: docs/adr/0048-archived-and-deleted-features.md. */
import { setTimeout as wait } from 'node:timers/promises';
import type { FeatureUse } from '../domain/feature-use.js';
import { deletionInterrupted, UnavailableError } from '../domain/unavailable.js';
import type { Nouns, StoredFeature } from '../meter/store.js';
import { monotonicMs } from '../platform/clock.js';
import { nowPlus } from './codec.js';
import type { StoreContext } from './context.js';
import { type CatalogClient, countChange, findFeature, lockCatalog } from './feature-rows.js';
import { namedFeature, usesOf } from './feature-uses.js';
import { placed, table } from './placed.js';
import { rawClient } from './raw.js';
import type { Copies } from './servers/copies.js';
import type { PlaceSites, Site } from './servers/sites.js';

const PAUSE_MS_MAX = 50;

export interface RemovalOptions extends StoreContext {
  /** How long what has begun is waited for: as long as a commit may take. */
  readonly waitMaxMs: number;
  /** All of them: a feature is used wherever there are customers. */
  readonly places: readonly PlaceSites[];
  readonly copies: Copies;
}

export function removedFeatures(options: RemovalOptions): Pick<Nouns, 'deleteFeature'> {
  return {
    async deleteFeature(projectId, id) {
      const out = await options.transaction((tx) => takeOut(tx, projectId, id, options));
      if (out === null || 'uses' in out) return out;
      const end = await settleNow(options, projectId, id, out.taken);
      await options.copies.settle(projectId);
      if (end === 'PUT_BACK') throw new UnavailableError('WRITE_CONTENTION');
      return end;
    },
  };
}

/** It is out of the catalogue by now, so a failure leaves it there until the next attempt. */
async function settleNow(
  options: RemovalOptions,
  projectId: string,
  id: string,
  taken: StoredFeature | null,
) {
  try {
    // From then on, every commit that begins is checked against a catalogue without it, on whichever server.
    await options.copies.settle(projectId);
    const isQuiet = await outlasted(options);
    const { places } = options;
    return await options.transaction((tx) => settle(tx, projectId, id, { taken, isQuiet, places }));
  } catch (error) {
    throw deletionInterrupted(error);
  }
}

/** When the feature with this id was created that a deletion has taken out of the catalogue; null if there is none. */
export async function removedOf(
  tx: CatalogClient,
  projectId: string,
  id: string,
): Promise<number | null> {
  const [row] = await tx.$queryRaw<{ createdAt: Date }[]>`SELECT
      (feature ->> 'created_at')::timestamptz AS "createdAt" FROM removed_features
    WHERE project_id = ${projectId}::uuid AND id = ${id}`;
  return row === undefined ? null : row.createdAt.getTime();
}

type Deletion = Awaited<ReturnType<Nouns['deleteFeature']>>;

/** The feature that this deletion has taken out of the catalogue; null if another one had done so before. */
interface Out {
  readonly taken: StoredFeature | null;
}

/**
 * Takes a feature out of the catalogue, of which gateways of earlier releases have no other view. A statement that begins
 * from now on finds another version of the catalogue than the one in which the feature was.
 */
async function takeOut(
  tx: CatalogClient,
  projectId: string,
  id: string,
  { places, clockOffsetMs }: RemovalOptions,
): Promise<{ uses: FeatureUse[] } | Out | null> {
  await lockCatalog(tx, projectId);
  if ((await removedOf(tx, projectId, id)) !== null) return { taken: null };
  const taken = await findFeature(tx, projectId, id);
  if (taken === null) return null;
  const uses = await usesWithin(tx, places, projectId, id);
  if (uses.length > 0) return { uses };
  await tx.$executeRaw`INSERT INTO removed_features (project_id, id, feature, credit_costs, removed_at)
    SELECT f.project_id, f.id, to_jsonb(f), (
      SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]') FROM credit_costs AS c
      WHERE c.project_id = f.project_id AND c.credit_system_id = f.id
    ), ${nowPlus(clockOffsetMs())}
    FROM features AS f WHERE f.project_id = ${projectId}::uuid AND f.id = ${id}`;
  await remove(tx, projectId, id);
  await countChange(tx, projectId);
  return { taken };
}

/** As the transaction sees it in the places of its own server, and as it is now in others. */
async function usesWithin(
  tx: CatalogClient,
  places: readonly PlaceSites[],
  projectId: string,
  id: string,
): Promise<FeatureUse[]> {
  const named = await namedFeature(tx, projectId, id);
  if (named === null) return [];
  return usesOf(async (work) => {
    const found: Awaited<ReturnType<typeof work>>[] = [];
    for (const { place, home, at } of places) {
      found.push(
        await at((site) =>
          site === home
            ? work(rawClient(tx, place))
            : site.context.read(() => work(site.context.client)),
        ),
      );
    }
    return found;
  }, named);
}

async function remove(tx: CatalogClient, projectId: string, id: string): Promise<void> {
  await tx.$executeRaw`DELETE FROM credit_costs
    WHERE project_id = ${projectId}::uuid AND credit_system_id = ${id}`;
  await tx.$executeRaw`DELETE FROM features WHERE project_id = ${projectId}::uuid AND id = ${id}`;
}

/**
 * Decides again, now that whatever had begun before is over. So that it can be asked about like any other, the feature is put back
 * first, which no other transaction sees. The first call that gets here decides for all; the answer that it was deleted belongs to
 * the call that took it out of the catalogue.
 */
async function settle(
  tx: CatalogClient,
  projectId: string,
  id: string,
  { taken, isQuiet, places }: Out & Pick<RemovalOptions, 'places'> & { readonly isQuiet: boolean },
): Promise<Deletion | 'PUT_BACK'> {
  await lockCatalog(tx, projectId);
  const removed = await removedOf(tx, projectId, id);
  const isOut = removed !== null && (taken === null || removed === taken.createdAt);
  if (isOut) await putBack(tx, projectId, id);
  const feature = await findFeature(tx, projectId, id);
  // Another call has completed the deletion, and a feature with this id is another one.
  if (taken !== null && feature?.createdAt !== taken.createdAt) return { feature: taken };
  if (feature === null) return null;
  const uses = await usesWithin(tx, places, projectId, id);
  if (uses.length === 0 && isOut && isQuiet) {
    await remove(tx, projectId, id);
    return taken === null ? null : { feature };
  }
  if (isOut) await countChange(tx, projectId);
  return uses.length > 0 ? { uses } : 'PUT_BACK';
}

/** Unless a gateway of an earlier release has created another one with its id. */
async function putBack(tx: CatalogClient, projectId: string, id: string): Promise<void> {
  const count = await tx.$executeRaw`INSERT INTO features
    SELECT f.* FROM removed_features AS r, jsonb_populate_record(NULL::features, r.feature) AS f
    WHERE r.project_id = ${projectId}::uuid AND r.id = ${id}
    ON CONFLICT DO NOTHING`;
  if (count > 0) {
    await tx.$executeRaw`INSERT INTO credit_costs
      SELECT c.* FROM removed_features AS r, jsonb_populate_recordset(NULL::credit_costs, r.credit_costs) AS c
      WHERE r.project_id = ${projectId}::uuid AND r.id = ${id}`;
  }
  await tx.$executeRaw`DELETE FROM removed_features WHERE project_id = ${projectId}::uuid AND id = ${id}`;
}

/** The transactions that write to customers, or are about to. */
const WRITERS = placed`SELECT DISTINCT virtualtransaction AS id FROM pg_locks
        WHERE locktype = 'relation' AND relation = '${table('customers')}'::regclass
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND mode = 'RowExclusiveLock' AND granted`;

async function writersAt({ server, context: { client, read } }: Site): Promise<string[]> {
  const rows = await read(() => client.rows<{ readonly id: string }>(WRITERS));
  return rows.map(({ id }) => `${server.name} ${id}`);
}

/**
 * Waits for all commits that have begun, of any gateway. Each of them locks the table before it takes its snapshot, so those that may
 * still see the catalogue as it was hold that lock now. Nothing waits behind this.
 */
async function outlasted({ places, waitMaxMs }: RemovalOptions): Promise<boolean> {
  const until = monotonicMs() + waitMaxMs;
  let begun: ReadonlySet<string> | null = null;
  for (let pauseMs = 1; monotonicMs() < until; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
    const ids: string[] = [];
    for (const { at } of places) ids.push(...(await at(writersAt)));
    const first: ReadonlySet<string> = begun ?? new Set(ids);
    const left = ids.filter((id) => first.has(id));
    if (left.length === 0) return true;
    begun = new Set(left);
    await wait(pauseMs);
  }
  return false;
}
