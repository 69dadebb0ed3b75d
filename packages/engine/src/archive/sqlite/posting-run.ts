/** Most postings that can be sorted at once: their numbers take 21 bits beside a key's 32 in a float. */
export const maxSortedPostings = 2 ** 21;

/** Pairs of a key and the position of a record where something with that key is found. */
export interface PostingRun {
  readonly keys: Uint32Array<ArrayBuffer>;
  /** Whole numbers. */
  readonly positions: Float64Array<ArrayBuffer>;
}

/** Gathers postings, reused from one append to the next. */
export class PostingBuffer {
  count = 0;
  #keys = new Uint32Array(4096);
  #positions = new Float64Array(4096);

  add(key: number, position: number): void {
    if (this.count === this.#keys.length) {
      const keys = new Uint32Array(this.count * 2);
      keys.set(this.#keys);
      this.#keys = keys;
      const positions = new Float64Array(this.count * 2);
      positions.set(this.#positions);
      this.#positions = positions;
    }
    this.#keys[this.count] = key;
    this.#positions[this.count] = position;
    this.count += 1;
  }

  /** Takes out what was gathered, by key and then position, each pair once. Positions came in order. */
  takeSorted(): PostingRun {
    const { count } = this;
    // Typed arrays of numbers are sorted natively, an order by two columns is not: so both in one number.
    const order = new Float64Array(count);
    for (let index = 0; index < count; index++) {
      order[index] = this.#keys[index]! * maxSortedPostings + index;
    }
    order.sort();
    const keys = new Uint32Array(count);
    const positions = new Float64Array(count);
    let kept = 0;
    for (const entry of order) {
      const index = entry % maxSortedPostings;
      const key = this.#keys[index]!;
      const position = this.#positions[index]!;
      if (kept > 0 && keys[kept - 1] === key && positions[kept - 1] === position) continue;
      keys[kept] = key;
      positions[kept] = position;
      kept += 1;
    }
    this.count = 0;
    return { keys: keys.subarray(0, kept), positions: positions.subarray(0, kept) };
  }
}

/** Merges runs two by two, so that each posting is copied log2(runs) times. */
export function mergedRuns(runs: readonly PostingRun[]): PostingRun {
  let round = runs;
  while (round.length > 1) {
    const next: PostingRun[] = [];
    for (let index = 0; index < round.length; index += 2) {
      const other = round[index + 1];
      next.push(other ? mergedPair(round[index]!, other) : round[index]!);
    }
    round = next;
  }
  return round[0] ?? { keys: new Uint32Array(0), positions: new Float64Array(0) };
}

function mergedPair(one: PostingRun, other: PostingRun): PostingRun {
  const count = one.keys.length + other.keys.length;
  const keys = new Uint32Array(count);
  const positions = new Float64Array(count);
  let left = 0;
  let right = 0;
  for (let index = 0; index < count; index++) {
    const fromOne =
      right === other.keys.length ||
      (left < one.keys.length &&
        (one.keys[left]! < other.keys[right]! ||
          (one.keys[left] === other.keys[right] &&
            one.positions[left]! < other.positions[right]!)));
    const source = fromOne ? one : other;
    const at = fromOne ? left++ : right++;
    keys[index] = source.keys[at]!;
    positions[index] = source.positions[at]!;
  }
  return { keys, positions };
}
