/** Loads some items ahead of the one that is asked for, at most `width` at once; yields in order. */
export async function* ahead<Item, Loaded>(
  items: Iterable<Item> | AsyncIterable<Item>,
  width: number,
  load: (item: Item) => Promise<Loaded>,
): AsyncGenerator<Loaded> {
  const loading: Promise<Loaded>[] = [];
  for await (const item of items) {
    const promise = load(item);
    // Who stops asking before its turn does not hear of its failure.
    promise.catch(() => {});
    if (loading.push(promise) >= width) yield await loading.shift()!;
  }
  while (loading.length > 0) yield await loading.shift()!;
}
