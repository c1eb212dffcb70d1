import type { Context } from './context.js';

/**
 * The resolver of a field of something that may have to be read first. Where it has been read, the field is known at once: a
 * promise for each field of each item of a page takes several times as long as all else about it.
 */
export function fieldOf<Node, Loaded, Value>(
  load: (node: Node, context: Context) => Loaded | Promise<Loaded>,
  pick: (loaded: Loaded) => Value,
): (node: Node, args: object, context: Context) => Value | Promise<Value> {
  return (node, _args, context) => {
    const loaded = load(node, context);
    return loaded instanceof Promise ? loaded.then(pick) : pick(loaded);
  };
}
