import type { KeyUses } from '../meter/access/key-use.js';
import type { Projects } from '../meter/access/keys.js';
import type { ReadPath } from '../meter/read/read-path.js';
import type { Store } from '../meter/store.js';
import { apiKeys } from './api-keys.js';
import { type Audit, auditOf } from './audit.js';
import { createContext } from './context.js';
import { customers } from './customers.js';
import { type DatabaseOptions, openDatabase } from './database.js';
import { entities } from './entities.js';
import { erasures } from './erasure.js';
import { features } from './features.js';
import { type Fence, fenceOf } from './fence.js';
import { keyUses } from './key-uses.js';
import { managedKeys } from './managed-keys.js';
import { PLACE_0, type Place } from './placed.js';
import { managedProjects, projects } from './projects.js';
import { type Prune, pruneOf } from './prune.js';
import { type Ranges, rangesOf } from './ranges/ranges.js';
import { readClient } from './read-client.js';
import { createReadPath } from './read-path.js';
import { removedFeatures } from './removed-features.js';
import { type StoreFigures, storeFigures } from './store-figures.js';
import { type Sweeps, sweepsOf } from './sweeps.js';
import { tokenSecrets } from './token-secrets.js';
import { createWritePath } from './write-path.js';

export interface StoreOptions extends DatabaseOptions {
  /** Shifts the database's clock, for tests; () => 0 otherwise. */
  readonly clockOffsetMs: () => number;
  /** The only one by default. */
  readonly place?: Place;
}

/** The store, with the parts that are passed on separately: the reads, projects, and the use of keys (design section 3). */
export interface OpenStore extends Store {
  readonly reads: ReadPath;
  readonly projects: Projects;
  readonly keyUses: KeyUses;
  readonly audit: Audit;
  readonly prune: Prune;
  readonly ranges: Ranges;
  readonly fence: Fence;
  readonly sweeps: Sweeps;
  /** Resolves if the database answers and accepts writes. */
  ping(): Promise<void>;
  /** Its connections, and the failures of this process. */
  figures(): StoreFigures;
}

/** Connects when it is first used: an unreachable database shows in the first call. */
export function openStore(options: StoreOptions): OpenStore {
  const { prisma, pool, readPool, close } = openDatabase(options);
  const { place = PLACE_0, clockOffsetMs } = options;
  const context = createContext({ prisma, place, clockOffsetMs });
  return {
    ...createWritePath({
      ...context,
      acquireTimeoutMs: options.acquireTimeoutMs,
      transactionTimeoutMs: options.statementTimeoutMs,
    }),
    ...customers(context),
    ...entities(context),
    ...erasures(context),
    ...features(context),
    ...removedFeatures({ ...context, waitMaxMs: options.statementTimeoutMs }),
    reads: createReadPath({ pool: readPool, place, clockOffsetMs }),
    projects: projects(context),
    apiKeys: apiKeys(context),
    keyUses: keyUses(context),
    managedKeys: managedKeys(context),
    managedProjects: managedProjects(context),
    tokenSecrets: tokenSecrets(context),
    audit: auditOf(context),
    prune: pruneOf(context),
    ranges: rangesOf({
      places: [place],
      pool,
      address: options.address,
      connectTimeoutMs: options.acquireTimeoutMs,
      clockOffsetMs: options.clockOffsetMs,
    }),
    fence: fenceOf({
      pool,
      address: options.address,
      connectTimeoutMs: options.acquireTimeoutMs,
    }),
    sweeps: sweepsOf({
      client: readClient(readPool, place),
      address: options.address,
      connectTimeoutMs: options.acquireTimeoutMs,
      clockOffsetMs: options.clockOffsetMs,
    }),
    figures: () => storeFigures({ pool, readPool }),
    ping: () =>
      context.read(async () => {
        // Locks nothing, but is refused where nothing can be locked: by a standby.
        await prisma.$queryRaw`SELECT id FROM projects WHERE false FOR NO KEY UPDATE`;
      }),
    close,
  };
}
