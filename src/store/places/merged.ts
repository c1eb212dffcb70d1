/** The first of several lists that are each in order, in the order of all. */
export function mergedFirst<Item>(
  lists: readonly (readonly Item[])[],
  isBefore: (one: Item, other: Item) => boolean,
  limit: number,
): Item[] {
  const heads = lists.map((items) => ({ items, at: 0 }));
  const merged: Item[] = [];
  while (merged.length < limit) {
    let first: { readonly head: (typeof heads)[number]; readonly item: Item } | null = null;
    for (const head of heads) {
      const item = head.items[head.at];
      if (item === undefined || (first !== null && !isBefore(item, first.item))) continue;
      first = { head, item };
    }
    if (first === null) break;
    merged.push(first.item);
    first.head.at += 1;
  }
  return merged;
}
