import type { Distribution } from '../../platform/distribution.js';
import type { WriteFigures } from './write-figures.js';
import type { WritePath } from './write-path.js';

/** Notes how long the database takes, for batches, not for calls. */
export function measuredWritePath(
  store: WritePath,
  { storeSeconds }: WriteFigures,
  monotonicMs: () => number,
): WritePath {
  const timed = async <T>(seconds: Distribution, work: () => Promise<T>): Promise<T> => {
    const start = monotonicMs();
    try {
      return await work();
    } finally {
      seconds.observe((monotonicMs() - start) / 1_000);
    }
  };
  return {
    catalog: (projectId) => store.catalog(projectId),
    load: (requests) => timed(storeSeconds.load, () => store.load(requests)),
    commit: (changes, nextVersion) =>
      timed(storeSeconds.commit, () => store.commit(changes, nextVersion)),
    transaction: (customerKey, run) =>
      timed(storeSeconds.transaction, () => store.transaction(customerKey, run)),
  };
}
