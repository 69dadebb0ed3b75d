const postingBytes = 12;
const firstCapacity = 1024;
/** 48 KiB. A row by which very much is found is cut into several. */
const rowMaxPostings = 4096;

/** Postings whose keys are alike in their low bits, as they lie in a row. */
export interface PostingRow {
  readonly shard: number;
  /** Of the first posting, counted from the bucket's first offset. */
  readonly delta: number;
  readonly index: number;
  readonly bytes: Buffer;
}

/** Postings of a portion of a bucket: what is found by a key, as offset and index of a part. */
export class PostingSheet {
  #keys = new Uint32Array(firstCapacity);
  #deltas = new Uint32Array(firstCapacity);
  #indexes = new Uint32Array(firstCapacity);
  #count = 0;

  add(key: number, delta: number, index: number): void {
    if (this.#count === this.#keys.length) this.#grow();
    this.#keys[this.#count] = key;
    this.#deltas[this.#count] = delta;
    this.#indexes[this.#count] = index;
    this.#count += 1;
  }

  /** The postings by shard, those of a shard in the order in which they came, each once in a run. */
  rows(shards: number): PostingRow[] {
    const order = this.#byShard(shards);
    const rows: PostingRow[] = [];
    for (let start = 0; start < order.length; ) {
      const shard = this.#keys[order[start]!]! % shards;
      let end = start + 1;
      while (
        end < order.length &&
        end - start < rowMaxPostings &&
        this.#keys[order[end]!]! % shards === shard
      ) {
        end += 1;
      }
      rows.push(this.#row(shard, order.subarray(start, end)));
      start = end;
    }
    return rows;
  }

  #row(shard: number, places: Uint32Array): PostingRow {
    const bytes = Buffer.allocUnsafe(places.length * postingBytes);
    let position = 0;
    let last = -1;
    for (const place of places) {
      if (last >= 0 && this.#same(last, place)) continue;
      bytes.writeUInt32LE(this.#keys[place]!, position);
      bytes.writeUInt32LE(this.#deltas[place]!, position + 4);
      bytes.writeUInt32LE(this.#indexes[place]!, position + 8);
      position += postingBytes;
      last = place;
    }
    const first = places[0]!;
    const [delta, index] = [this.#deltas[first]!, this.#indexes[first]!];
    return { shard, delta, index, bytes: bytes.subarray(0, position) };
  }

  #same(one: number, other: number): boolean {
    return (
      this.#keys[one] === this.#keys[other] &&
      this.#deltas[one] === this.#deltas[other] &&
      this.#indexes[one] === this.#indexes[other]
    );
  }

  /** Places sorted by shard; a counting sort, which keeps the order within a shard. */
  #byShard(shards: number): Uint32Array {
    const starts = new Uint32Array(shards + 1);
    for (let place = 0; place < this.#count; place++) {
      const after = (this.#keys[place]! % shards) + 1;
      starts[after] = starts[after]! + 1;
    }
    for (let shard = 0; shard < shards; shard++) starts[shard + 1]! += starts[shard]!;
    const order = new Uint32Array(this.#count);
    for (let place = 0; place < this.#count; place++) {
      const shard = this.#keys[place]! % shards;
      order[starts[shard]!] = place;
      starts[shard] = starts[shard]! + 1;
    }
    return order;
  }

  #grow(): void {
    const grown = (from: Uint32Array) => {
      const to = new Uint32Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.#keys = grown(this.#keys);
    this.#deltas = grown(this.#deltas);
    this.#indexes = grown(this.#indexes);
  }
}

/** Visits the postings of a row that have the key. */
export function visitPostings(
  bytes: Buffer,
  key: number,
  visit: (delta: number, index: number) => void,
): void {
  for (let position = 0; position + postingBytes <= bytes.length; position += postingBytes) {
    if (bytes.readUInt32LE(position) !== key) continue;
    visit(bytes.readUInt32LE(position + 4), bytes.readUInt32LE(position + 8));
  }
}
