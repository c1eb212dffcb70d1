import type { Tracing } from '../tracing/tracing.js';
import type { Store } from './store.js';

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** A span for each call of the store that an operation which is recorded makes by itself, outside any batch. */
export function tracedStore(store: Store, tracing: Tracing): Store {
  return traced(store, '', tracing);
}

function traced<Part extends object>(part: Part, prefix: string, tracing: Tracing): Part {
  return new Proxy(part, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      const path = `${prefix}${String(name)}`;
      if (typeof found === 'object' && found !== null) return traced(found, `${path}.`, tracing);
      if (typeof found !== 'function') return found;
      // All that a store has are methods that return promises.
      const method = found as Method;
      return (...args: readonly unknown[]) =>
        tracing.statement(path, 1, () => Reflect.apply(method, target, args));
    },
  });
}
