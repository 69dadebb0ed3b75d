/**
 * The order of blocks, with counts that can be summed up to any place: a Fenwick tree (Fenwick 1994,
 * "A new data structure for cumulative frequency tables"). Blocks come and go once in a hundred
 * changes or more, so then everything is simply counted again.
 */
export class BlockDirectory {
  length = 0;
  #blocks = new Int32Array(16);
  #placeOf = new Int32Array(16);
  /** 1-based: node n covers the (n & -n) places that end at n. */
  #tree = new Int32Array(17);
  #total = 0;

  clear(): void {
    this.length = 0;
    this.#total = 0;
  }

  blockAt(place: number): number {
    return this.#blocks[place]!;
  }

  placeOf(block: number): number {
    return this.#placeOf[block]!;
  }

  /** Rows in all blocks. */
  total(): number {
    return this.#total;
  }

  append(block: number): void {
    this.insert(this.length, block);
  }

  /** Call `recount` afterwards. */
  insert(place: number, block: number): void {
    if (this.length === this.#blocks.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.#blocks);
      this.#blocks = grown;
      this.#tree = new Int32Array(grown.length + 1);
    }
    this.#blocks.copyWithin(place + 1, place, this.length);
    this.#blocks[place] = block;
    this.length += 1;
  }

  /** Call `recount` afterwards. */
  remove(place: number): void {
    this.#blocks.copyWithin(place, place + 1, this.length);
    this.length -= 1;
  }

  /** @param counts rows of each block, by block number */
  recount(counts: Uint16Array): void {
    if (counts.length > this.#placeOf.length) this.#placeOf = new Int32Array(counts.length);
    const tree = this.#tree;
    tree.fill(0, 0, this.length + 1);
    this.#total = 0;
    for (let place = 0; place < this.length; place++) {
      const block = this.#blocks[place]!;
      this.#placeOf[block] = place;
      const node = place + 1;
      tree[node]! += counts[block]!;
      this.#total += counts[block]!;
      const parent = node + (node & -node);
      if (parent <= this.length) tree[parent]! += tree[node]!;
    }
  }

  add(place: number, change: number): void {
    this.#total += change;
    const tree = this.#tree;
    for (let node = place + 1; node <= this.length; node += node & -node) tree[node]! += change;
  }

  /** Rows in the blocks before this place. */
  countBefore(place: number): number {
    let sum = 0;
    for (let node = place; node > 0; node &= node - 1) sum += this.#tree[node]!;
    return sum;
  }

  /** The block that holds the row at `position` (below `total`), and where in it. */
  find(position: number): { place: number; within: number } {
    let place = 0;
    let within = position;
    for (let step = 1 << (31 - Math.clz32(this.length)); step > 0; step >>= 1) {
      const node = place + step;
      if (node <= this.length && this.#tree[node]! <= within) {
        place = node;
        within -= this.#tree[node]!;
      }
    }
    return { place, within };
  }
}
