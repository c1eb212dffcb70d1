import { Distribution, ITEMS, SECONDS } from '../../platform/distribution.js';
import type { ReadPath } from './read-path.js';

/** What the read queue has counted since its start, per statement. */
export class ReadFigures {
  readonly statementSeconds = new Distribution(SECONDS);
  /** Reads that share a statement. */
  readonly statementReads = new Distribution(ITEMS);
  statementsInFlight = 0;
}

/** The same, and the state of the queue now. */
export interface ReadQueueFigures extends ReadFigures {
  readonly waiting: number;
  readonly statementsMax: number;
}

export type AnyRead = (projectId: string, wanted: readonly unknown[]) => Promise<unknown>;

/** Notes how long each read of the path takes. */
export function measuredReadPath(
  path: ReadPath,
  figures: ReadFigures,
  monotonicMs: () => number,
): ReadPath {
  const measured =
    (read: AnyRead): AnyRead =>
    async (projectId, wanted) => {
      const start = monotonicMs();
      figures.statementsInFlight += 1;
      try {
        return await read(projectId, wanted);
      } finally {
        figures.statementsInFlight -= 1;
        figures.statementReads.observe(wanted.length);
        figures.statementSeconds.observe((monotonicMs() - start) / 1_000);
      }
    };
  return new Proxy(path, { get: (target, name) => measured(readOf(target, name)) });
}

/** All that a read path has are reads. */
export function readOf(path: ReadPath, name: string | symbol): AnyRead {
  return Reflect.get(path, name) as AnyRead;
}
