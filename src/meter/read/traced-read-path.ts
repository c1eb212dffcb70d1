import type { Tracing } from '../../tracing/tracing.js';
import { type AnyRead, readOf } from './read-figures.js';
import type { ReadPath } from './read-path.js';

/** A span for each statement that is made for a read which is recorded. */
export function tracedReadPath(path: ReadPath, tracing: Tracing): ReadPath {
  const traced =
    (name: string, read: AnyRead): AnyRead =>
    (projectId, wanted) =>
      tracing.statement(`read ${name}`, wanted.length, () => read(projectId, wanted));
  return new Proxy(path, {
    get: (target, name) => traced(String(name), readOf(target, name)),
  });
}
