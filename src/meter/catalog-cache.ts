import type { Catalog } from '../domain/feature.js';

/**
 * The catalogues of projects as they were when they were last read, for writes and reads alike. Another gateway may have
 * changed one since, so a decision on a cached one must verify its version.
 */
export interface CatalogCache {
  get(projectId: string): Catalog | undefined;
  /** The cached one, or one that is read now. */
  find(projectId: string): Promise<Catalog>;
  /** Reads it now and caches it. */
  refresh(projectId: string): Promise<Catalog>;
  /** Removes one that has changed. */
  delete(projectId: string): void;
  /** How many are cached, and how often one had to be read. */
  figures(): CatalogFigures;
}

export interface CatalogFigures {
  readonly cached: number;
  readonly reads: number;
}

export interface CatalogCacheOptions {
  readonly read: (projectId: string) => Promise<Catalog>;
  /** The features of all cached catalogues together; the least recently used go first. */
  readonly featuresMax: number;
}

export function createCatalogCache({ read, featuresMax }: CatalogCacheOptions): CatalogCache {
  const catalogs = new Map<string, Catalog>();
  const reading = new Map<string, Promise<Catalog>>();
  let weight = 0;
  let reads = 0;

  function remove(projectId: string): void {
    const catalog = catalogs.get(projectId);
    if (catalog === undefined) return;
    catalogs.delete(projectId);
    weight -= weightOf(catalog);
  }

  function set(projectId: string, catalog: Catalog): void {
    // Of two simultaneous reads, the one that began first may end last.
    if ((catalogs.get(projectId)?.version ?? 0) > catalog.version) return;
    remove(projectId);
    catalogs.set(projectId, catalog);
    weight += weightOf(catalog);
    // A Map iterates in the order of insertion, and every use reinserts.
    for (const oldest of catalogs.keys()) {
      if (weight <= featuresMax) break;
      remove(oldest);
    }
  }

  function get(projectId: string): Catalog | undefined {
    const catalog = catalogs.get(projectId);
    if (catalog === undefined) return undefined;
    catalogs.delete(projectId);
    catalogs.set(projectId, catalog);
    return catalog;
  }

  async function refresh(projectId: string): Promise<Catalog> {
    reads += 1;
    const catalog = await read(projectId);
    set(projectId, catalog);
    return catalog;
  }

  /** Lanes that need the same catalogue at the same time read it once. */
  function readOnce(projectId: string): Promise<Catalog> {
    const read = reading.get(projectId) ?? refresh(projectId);
    reading.set(projectId, read);
    const end = () => {
      if (reading.get(projectId) === read) reading.delete(projectId);
    };
    read.then(end, end);
    return read;
  }

  return {
    get,
    find: async (projectId) => get(projectId) ?? (await readOnce(projectId)),
    refresh,
    delete(projectId) {
      remove(projectId);
      // A read in progress may be from before the change.
      reading.delete(projectId);
    },
    figures: () => ({ cached: catalogs.size, reads }),
  };
}

/** Even a catalogue without features takes room. */
function weightOf(catalog: Catalog): number {
  return 1 + catalog.features.size;
}
