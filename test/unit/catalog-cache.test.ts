/** Catalogues are read once for all who need them, within a limit, and are never older than a change made here. */
import { describe, expect, it } from 'vitest';
import { type Catalog, catalogOf } from '../../src/domain/feature.js';
import { createCatalogCache } from '../../src/meter/catalog-cache.js';

function catalog(version: number, features: number): Catalog {
  const list = Array.from({ length: features }, (_, index) => ({
    id: `f${index}`,
    name: 'f',
    type: 'CONSUMABLE' as const,
    eventNames: [],
    creditCosts: [],
    isArchived: false,
  }));
  return catalogOf(version, list);
}

/** A cache whose reads end when the test says so. */
function cacheOf(featuresMax: number, features = 1) {
  const reads: { readonly projectId: string; end(version?: number): void; fail(): void }[] = [];
  const cache = createCatalogCache({
    featuresMax,
    read: (projectId) =>
      new Promise((resolve, reject) => {
        reads.push({
          projectId,
          end: (version = 1) => resolve(catalog(version, features)),
          fail: () => reject(new Error('unreachable')),
        });
      }),
  });
  return { cache, reads };
}

describe('the catalogue cache', () => {
  it('reads a catalogue once for concurrent requests, and then returns it at once', async () => {
    const { cache, reads } = cacheOf(100);
    const asked = [cache.find('p'), cache.find('p'), cache.find('p')];
    await Promise.resolve();
    expect(reads).toHaveLength(1);
    reads[0]?.end();
    const [first, ...others] = await Promise.all(asked);
    for (const other of others) expect(other).toBe(first);
    expect(cache.get('p')).toBe(first);
    expect(await cache.find('p')).toBe(first);
    expect(reads).toHaveLength(1);
  });

  it('reads again after a read that failed', async () => {
    const { cache, reads } = cacheOf(100);
    const failing = cache.find('p');
    await Promise.resolve();
    reads[0]?.fail();
    await expect(failing).rejects.toThrow('unreachable');
    const asked = cache.find('p');
    await Promise.resolve();
    reads[1]?.end();
    await expect(asked).resolves.toBeDefined();
  });

  it('does not use a read that began before a change', async () => {
    const { cache, reads } = cacheOf(100);
    const before = cache.find('p');
    await Promise.resolve();
    cache.delete('p');
    const after = cache.find('p');
    await Promise.resolve();
    expect(reads).toHaveLength(2);
    reads[1]?.end(2);
    expect((await after).version).toBe(2);
    reads[0]?.end(1);
    expect((await before).version).toBe(1);
    expect(cache.get('p')?.version).toBe(2);
  });

  it('keeps the most recently used catalogues, up to a number of features', async () => {
    const { cache, reads } = cacheOf(33, 10);
    const known = async (projectId: string) => {
      const found = cache.find(projectId);
      await Promise.resolve();
      reads.at(-1)?.end();
      await found;
    };
    for (const id of ['a', 'b', 'c']) await known(id);
    expect(cache.get('a')).toBeDefined();
    await known('d');
    expect(['a', 'b', 'c', 'd'].filter((id) => cache.get(id) !== undefined)).toEqual([
      'a',
      'c',
      'd',
    ]);
    expect(reads).toHaveLength(4);
  });
});
