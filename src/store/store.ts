import { present } from '../domain/assert.js';
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
import { type Place, placesOf } from './placed.js';
import { ofCustomers } from './places/of-customers.js';
import { readPathOf } from './places/read-paths.js';
import { writePathOf } from './places/write-paths.js';
import { managedProjects, projects } from './projects.js';
import { type Prune, pruneOf } from './prune.js';
import { type Ranges, rangesOf } from './ranges/ranges.js';
import { readClient } from './read-client.js';
import { createReadPath } from './read-path.js';
import { removedFeatures } from './removed-features.js';
import { type StoreFigures, storeFigures } from './store-figures.js';
import { type Sweeps, sweepsOf } from './sweeps.js';
import { deletions, tokenSecrets } from './token-secrets.js';
import { createWritePath } from './write-path.js';

export interface StoreOptions extends DatabaseOptions {
  /** Shifts the database's clock, for tests; () => 0 otherwise. */
  readonly clockOffsetMs: () => number;
  /** Only the first by default. */
  readonly places?: readonly Place[];
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
  const { places = placesOf(1), clockOffsetMs } = options;
  const contexts = places.map((place) => createContext({ prisma, place, clockOffsetMs }));
  const home = present(contexts[0], 'there is a place');
  const { isDeleted, ...nouns } = ofCustomers(
    contexts.map((context) => ({
      ...customers(context),
      ...entities(context),
      ...erasures(context),
      ...deletions(context),
    })),
  );
  return {
    ...writePathOf(
      contexts.map((context) =>
        createWritePath({
          ...context,
          acquireTimeoutMs: options.acquireTimeoutMs,
          transactionTimeoutMs: options.statementTimeoutMs,
        }),
      ),
    ),
    ...nouns,
    ...features(home),
    ...removedFeatures({ ...home, places, waitMaxMs: options.statementTimeoutMs }),
    reads: readPathOf(
      places.map((place) => createReadPath({ pool: readPool, place, clockOffsetMs })),
    ),
    projects: projects(home),
    apiKeys: apiKeys(home),
    keyUses: keyUses(home),
    managedKeys: managedKeys(home),
    managedProjects: managedProjects(home),
    tokenSecrets: { ...tokenSecrets(home), isDeleted },
    audit: auditOf(contexts),
    prune: pruneOf(contexts),
    ranges: rangesOf({
      places,
      pool,
      address: options.address,
      connectTimeoutMs: options.acquireTimeoutMs,
      clockOffsetMs: options.clockOffsetMs,
    }),
    fence: fenceOf({
      places,
      pool,
      address: options.address,
      connectTimeoutMs: options.acquireTimeoutMs,
    }),
    sweeps: sweepsOf({
      clients: places.map((place) => readClient(readPool, place)),
      address: options.address,
      connectTimeoutMs: options.acquireTimeoutMs,
      clockOffsetMs: options.clockOffsetMs,
    }),
    figures: () => storeFigures({ pool, readPool }),
    ping: () =>
      home.read(async () => {
        // Locks nothing, but is refused where nothing can be locked: by a standby.
        await prisma.$queryRaw`SELECT id FROM projects WHERE false FOR NO KEY UPDATE`;
      }),
    close,
  };
}
