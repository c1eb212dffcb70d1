import { present } from '../domain/assert.js';
import type { KeyUses } from '../meter/access/key-use.js';
import type { Projects } from '../meter/access/keys.js';
import type { ReadPath } from '../meter/read/read-path.js';
import type { Store } from '../meter/store.js';
import type { WritePath } from '../meter/write/write-path.js';
import { apiKeys } from './api-keys.js';
import { type Audit, auditOf } from './audit.js';
import type { InPlace } from './context.js';
import { features } from './features.js';
import type { Fence } from './fence.js';
import { keyUses } from './key-uses.js';
import { managedKeys } from './managed-keys.js';
import { type Place, placesOf } from './placed.js';
import { ofCustomers } from './places/of-customers.js';
import { readPathOf } from './places/read-paths.js';
import { writePathOf } from './places/write-paths.js';
import { managedProjects, projects } from './projects.js';
import { type Prune, pruneOf } from './prune.js';
import { type Ranges, rangesOf } from './ranges/ranges.js';
import { removedFeatures } from './removed-features.js';
import { type Copies, copiesOn, NO_COPIES } from './servers/copies.js';
import { fencesOf } from './servers/fences.js';
import { readClientAt, readPathAt, writePathAt } from './servers/paths.js';
import { byServer } from './servers/server-places.js';
import { openServers, type Servers, type ServersOptions } from './servers/servers.js';
import { settlingCatalog, settlingManaged, settlingProjects } from './servers/settling.js';
import { type PlaceSites, sitesOf } from './servers/sites.js';
import { AT_HOME, type KnownServers, knownServers, whereaboutsIn } from './servers/whereabouts.js';
import { type StoreFigures, storeFigures } from './store-figures.js';
import { type Sweeps, sweepsOf } from './sweeps.js';
import { tokenSecrets } from './token-secrets.js';

export interface StoreOptions extends ServersOptions {
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
  /** What keeps calls about customers on one server apart from those on others. */
  readonly servers: KnownServers;
  /** Resolves if the database answers and accepts writes. */
  ping(): Promise<void>;
  /** Its connections, and the failures of this process. */
  figures(): StoreFigures;
}

/** Connects when it is first used: an unreachable database shows in the first call. */
export function openStore(options: StoreOptions): OpenStore {
  const { places = placesOf(1), clockOffsetMs, acquireTimeoutMs, statementTimeoutMs } = options;
  const servers = openServers(options);
  const { home, all } = servers;
  const isSpread = all.size > 1;
  const whereabouts = isSpread ? whereaboutsIn(home.readPool) : AT_HOME;
  const given = { servers, whereabouts, clockOffsetMs, acquireTimeoutMs, statementTimeoutMs };
  const sites = places.map((place) => sitesOf(place, given));
  const copies = isSpread ? copiesOf(servers, statementTimeoutMs) : NO_COPIES;
  const inPlaces = sites.map(
    ({ at }): InPlace =>
      (work) =>
        at(({ context }) => work(context)),
  );
  const { isDeleted, ...nouns } = ofCustomers(
    sites.map(
      ({ at }) =>
        (work) =>
          at((site) => work(site.ofCustomers)),
    ),
  );
  const { context } = present(sites[0], 'there is a place').home;
  const upkeep = { servers: () => byServer(sites), connectTimeoutMs: acquireTimeoutMs };
  return {
    ...writePath(sites, copies),
    ...nouns,
    ...settlingCatalog(features(context), copies),
    ...removedFeatures({ ...context, places: sites, copies, waitMaxMs: statementTimeoutMs }),
    reads: readPathOf(sites.map(readPathAt)),
    projects: settlingProjects(projects(context), copies),
    apiKeys: apiKeys(context),
    keyUses: keyUses(context),
    managedKeys: managedKeys(context),
    managedProjects: settlingManaged(managedProjects(context), copies),
    tokenSecrets: { ...tokenSecrets(context), isDeleted },
    audit: auditOf(inPlaces),
    prune: pruneOf(inPlaces),
    ranges: rangesOf({ ...upkeep, clockOffsetMs }),
    fence: fencesOf({ ...upkeep, places }),
    sweeps: sweepsOf({
      clients: sites.map(readClientAt),
      address: options.address,
      connectTimeoutMs: acquireTimeoutMs,
      clockOffsetMs,
    }),
    servers: isSpread ? knownServers(whereabouts, places.length) : {},
    figures: () => storeFigures([...all.values()]),
    ping: () =>
      context.read(async () => {
        // Locks nothing, but is refused where nothing can be locked: by a standby.
        await context.prisma.$queryRaw`SELECT id FROM projects WHERE false FOR NO KEY UPDATE`;
      }),
    close: servers.close,
  };
}

function copiesOf({ home, all }: Servers, statementTimeoutMs: number): Copies {
  const others = [...all].filter(([, server]) => server !== home);
  return copiesOn({
    home: home.readPool,
    others: new Map(others.map(([name, { readPool }]) => [name, readPool])),
    settleMaxMs: statementTimeoutMs / 2,
  });
}

/** What is decided on a catalogue is checked against the copy beside the customers, for which it waits. */
function writePath(sites: readonly PlaceSites[], copies: Copies): WritePath {
  const path = writePathOf(sites.map(writePathAt));
  if (copies === NO_COPIES) return path;
  return {
    ...path,
    async catalog(projectId) {
      const catalog = await path.catalog(projectId);
      await copies.awaitVersion(projectId, catalog.version);
      return catalog;
    },
  };
}
